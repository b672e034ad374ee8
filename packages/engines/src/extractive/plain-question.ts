// People wrap what they ask: "give me the elevator pitch for X", "help me get my head around X". The words of the wrapping
// would pass for the subject, or for a second one, so the common forms are put plainly before anything is compared.

const explain = "explain ";

/** What each form is put as; the words beside it stay. */
const wrappings: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:eli5|tl;?dr|quick one|quick question|newbie question|stupid question|dumb question|noob question)\b[:,.]?/giu,
    " ",
  ],
  [
    /\b(?:elevator pitch|(?:rough |brief |quick |short |simple |basic |plain |good |clear |one-line |proper )*(?:definition|explanation|overview|description|summary|introduction|rundown|primer|crash course|gist|refresher|intro)) (?:of|for|to|on|about)\b/giu,
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
  [/\b(?:lies|is|stands|hides) behind\b|\blies beneath\b/giu, "is"],
  [
    /\b(?:refer(?:ring)? to |mean |talk(?:ing)? about )?when (?:(?:a|an|the|my|our|some)\s)?(?:\w+ )?(?:says?|mentions?|speaks? of|talks? about|refers? to|claims?)(?: (?:that )?(?:they|it|he|she|we) (?:do|does|use|uses|have|has|practi[sc]e))?\b/giu,
    "mean",
  ],
  [
    /,?\s*\bin (?:layman['’]?s?|lay|everyday|human|non-technical|basic|easy|plain|simple) (?:terms|words|language|english)\b|\b(?:in|within|using) (?:\w+ ){0,2}(?:words?|sentences?|lines?|minutes?|paragraphs?)\b|\blike I(?:['’]m| am) (?:five|5|a child|a kid)\b|\b(?:for|to) (?:an? )?(?:\w+ )?(?:beginners?|newcomers?|novices?|newbies?|laym[ae]n|laypersons?|juniors?|outsiders?|child|five-year-old|kid)\b/giu,
    "",
  ],
];

/** The question without what only wraps it. */
export function plainQuestion(question: string): string {
  let plain = question;
  for (const [pattern, put] of wrappings) plain = plain.replaceAll(pattern, put);
  return /[\p{L}\p{N}]/u.test(plain) ? plain : question;
}
