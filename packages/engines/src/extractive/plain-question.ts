// People wrap what they ask: "give me the elevator pitch for X", "help me get my head around X". The words of the wrapping
// would pass for the subject, or for a second one, so the common forms are put plainly before anything is compared.

const explain = "explain";

/** What is longer is cut, which bounds the work; what is asked stands in fewer. */
const maxCharacters = 2000;

/** What each form is put as; the words beside it stay. */
const wrappings: readonly (readonly [RegExp, string])[] = [
  // Idioms of words that carry no weight one by one.
  [
    /\bmak(?:es?|ing) (?:\w+ )?(?:things?|stuff|facts?|answers?|it) up\b|\bmade (?:things?|stuff|facts?|it) up\b|\bmak(?:es?|ing) up (?:things?|stuff|facts?|answers?)\b/giu,
    "hallucinate",
  ],
  [/\bke(?:eps?|pt) (?:on )?(?:dying|crashing)\b/giu, "crashes"],
  [/\bgo(?:es|ing)? (?:down|offline|belly up)\b|\bwent down\b|\bfall(?:s|ing)? over\b/giu, "fails"],
  [
    /\b(?:eli5|tl;?dr|quick one|quick question|newbie question|stupid question|dumb question|noob question)\b[:,.]?/giu,
    " ",
  ],
  [/\b(?:just |simply |only |merely )?another (?:name|word|term) for\b/giu, "the same as"],
  [/\bin wh(?:at|ich) (?:respects?|ways?) (is|are|do|does)\b/giu, "how $1"],
  [/\bunlike\b/giu, "different from"],
  [/\bwhere (do|does|did)\b(.*)\b(?:part ways|part company|diverge)\b/giu, "how $1$2differ"],
  [
    /\bwhere (.{1,80}?) (?:ends?|stops?) and (?:where )?(.{1,80}?) (?:begins?|starts?)\b/giu,
    "the difference between $1 and $2",
  ],
  [/\b(?:mix|muddl|confus)(?:e|ing)?(?: up)? (?=.{1,80}\b(?:and|with|for)\b)/giu, "the difference between "],
  [/\btell (?!me\b|us\b)(.{1,80}?) from\b/giu, "distinguish $1 from"],
  [/\bthe (?:trick|secret|knack|key) (?:to|of|for|behind)\b/giu, "the way to"],
  [
    /\bwhere (?:do|should|can|would|could) (?:i|we|you|one) (?:even )?(?:start|begin)\b|,?\s*\b(?:any|some) (?:advice|tips?|suggestions?|pointers?|hints?|thoughts|recommendations?)(?: on| for| about)?(?: how)?\b/giu,
    " how ",
  ],
  [
    /\b(?:(?:an?|the|some) )?(?:elevator pitch|(?:rough |brief |quick |short |simple |basic |plain |good |clear |one-line |proper )*(?:definition|explanation|overview|description|summary|introduction|rundown|primer|crash course|gist|refresher|intro)) (?:of|for|to|on|about)\b/giu,
    explain,
  ],
  [
    /\b(?:get|wrap|getting|wrapping) (?:my|our) heads? (?:a)?round\b|\b(?:refresh|jog) (?:my|our) memory (?:on|of|about)\b|\bremind (?:me|us) (?:of|about)\b|\bbring (?:me|us) up to speed (?:on|with|about)\b|\bwalk (?:me|us) through\b|\bsp(?:ell|ells) out\b|\bbreak down\b|\bsum up\b|\bshed (?:some |any )?light on\b|\b(?:get|come) to grips with\b|\bmake sense of\b|\bfill (?:me|us) in on\b|\bteach (?:me|us)(?: about)?\b|\bclear up\b|\bclarify\b|\belaborate on\b|\bget the hang of\b/giu,
    explain,
  ],
  [
    /\b(?:the )?(?:buzzword|jargon|term|phrase|word|acronym|abbreviation|expression|concept|notion|topic|idea)s? (?:called |named |of )?(?=["“'‘]?[\p{L}])/giu,
    " ",
  ],
  // Formal ways to ask.
  [
    /^(?:(?:please|kindly|could you|can you|would you)(?: please| kindly)? )?(?:outline|discuss|illustrate|summari[sz]e|characteri[sz]e|give (?:an|a brief) account of)\b/giu,
    explain,
  ],
  [/\bwhat does (.{1,80}?) (?:denote|signify|entail)\b/giu, "what is $1"],
  [/\bwhat is (?:understood by|entailed (?:in|by)|denoted by|signified by)\b/giu, "what is"],
  [/\bwh(?:at|ich) purpose is served by\b/giu, "what is the purpose of"],
  [/\b(?:in (?:what|which) manner|by (?:what|which) means)\b/giu, "how"],
  [/\b(?:lies|is|stands|hides) behind\b|\blies beneath\b/giu, "is"],
  [
    /\b(?:(?:do|does|are|is) (?:\w+ ){1,2}(?:refer(?:ring)? to|mean|on about|talk(?:ing)? about) )?when (?:(?:a|an|the|my|our|some)\s)?(?:\w+ )?(?:says?|mentions?|speaks? of|talks? about|refers? to|claims?)(?: (?:that )?(?:they|it|he|she|we) (?:do|does|use|uses|have|has|practi[sc]e))?\b/giu,
    "is",
  ],
  [
    /,?\s*\bin (?:layman['’]?s?|lay|everyday|human|non-technical|basic|easy|plain|simple) (?:terms|words|language|english)\b|\b(?:in|within|using) (?:(?:\w+ ){0,2}|\w+ (?:or|to) \w+ )(?:words?|sentences?|lines?|minutes?|paragraphs?)\b(?! per\b)|\blike I(?:['’]m| am) (?:five|5|a child|a kid|an? \w+(?: \w+)?(?=$|[.?!,;]))|\b(?:for|to) (?:an? )?(?:\w+ )?(?:beginners?|newcomers?|novices?|newbies?|laym[ae]n|laypersons?|juniors?|outsiders?|child|five-year-old|kid)\b/giu,
    "",
  ],
  [
    /\b(?:in(?:to)? (?:words|terms|a way) )?(?:that |which )?(?:my|a|an|any|every)(?:one|body| \w+) (?:would|could|can|will|might) (?:understand|follow|grasp)\b|[,;]? \b(?:with no|without|no) (?:the |any |too much )?(?:maths?|jargon|formulas?|equations?|buzzwords?|fluff)\b(?:,? please)?/giu,
    " ",
  ],
];

/** The question without what only wraps it. */
export function plainQuestion(question: string): string {
  let plain = question.slice(0, maxCharacters);
  for (const [pattern, put] of wrappings) plain = plain.replaceAll(pattern, put);
  return /[\p{L}\p{N}]/u.test(plain) ? plain : question;
}
