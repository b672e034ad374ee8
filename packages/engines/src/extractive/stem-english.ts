// Brings the forms of an English word to one stem: deploys, deployed, deploying, deployment give the same. It is lighter
// than Porter's algorithm and need not give words, only the same form for the same word and different ones for others.

/** An ending is cut off when at least this many letters stay. */
interface EndingRule {
  readonly minimumStem: number;
  readonly endings: readonly string[];
}

const rules: readonly EndingRule[] = [
  { minimumStem: 3, endings: words("ifications ification ifiers ifier ifying ified ifies ify") },
  {
    minimumStem: 4,
    endings: words(
      "izations ization isations isation abilities ability ibility ational atives ative ations ation ators ator ating ated " +
        "ates ate izers izer izing ising ized ised izes ises ize ise ments ment nesses ness encies ency ancies ancy ences " +
        "ence ances ance ically ical ively ives ive itions ition able ible ally ities ity ety",
    ),
  },
  { minimumStem: 5, endings: words("ions ion ors or ent ant al ic") },
  { minimumStem: 4, endings: words("ers er est ly") },
  { minimumStem: 3, endings: words("ings ing ies ied ed es s e y") },
];

/** Words whose ending belongs to the word: without this, container and contain would be one. */
const wholeWords = new Set(
  words(
    "container server transformer computer driver docker model agent different general parent moment content element " +
      "comment event current client token layer cluster parameter number answer order paper power filter buffer vector " +
      "tensor factor error mirror network interest test request latest rest best storage state rate date template update " +
      "gate class process access address business news series bus status focus virus across loss bias analysis basis " +
      "kubernetes differ differs transfer always redis jenkins embed monitor virtual neural later never over under after user other water quality operator",
  ),
);

/** Forms that no ending explains. */
const irregular = new Map<string, string>([
  ["failure", "fail"],
  ["failures", "fail"],
  ["built", "build"],
  ["ran", "run"],
  ["broke", "break"],
  ["broken", "break"],
  ["kept", "keep"],
  ["chosen", "choose"],
  ["choice", "choose"],
  ["written", "write"],
  ["wrote", "write"],
  ["learnt", "learn"],
  ["lost", "lose"],
  ["sent", "send"],
  ["took", "take"],
  ["taken", "take"],
  ["seen", "see"],
  ["saw", "see"],
  ["held", "hold"],
  ["gave", "give"],
  ["given", "give"],
  ["grew", "grow"],
  ["grown", "grow"],
  ["found", "find"],
  ["thrown", "throw"],
  ["threw", "throw"],
  ["hidden", "hide"],
  ["fell", "fall"],
  ["fallen", "fall"],
  ["stuck", "stick"],
  ["dying", "die"],
  ["made", "make"],
  ["replica", "replicate"],
  ["replicas", "replicate"],
  ["neuron", "neural"],
  ["neurons", "neural"],
  ["metrics", "metric"],
  ["safety", "safe"],
  ["analyse", "analysis"],
  ["analyze", "analysis"],
]);

/** Stem of a lower-case word; words of up to three letters and words with other signs stay as they are. */
export function stemEnglish(word: string): string {
  return bareStem(cutEnding(cutEnding(irregular.get(word) ?? word)));
}

function cutEnding(word: string): string {
  if (!/^[a-z]{4,}$/.test(word) || wholeWords.has(word)) return word;
  const singular = word.replace(/(?<![su])s$/, "");
  if (wholeWords.has(singular)) return singular;
  for (const { minimumStem, endings } of rules) {
    const ending = endings.find((one) => word.endsWith(one) && word.length - one.length >= minimumStem);
    if (ending === undefined || (ending === "s" && /(?:ss|us|is)$/.test(word))) continue;
    const stem = word.slice(0, word.length - ending.length);
    return bareStem(wholeWords.has(stem) || !ending.startsWith("ie") ? stem : `${stem}y`);
  }
  return word;
}

/** running → runn → run; labelled, labels → label; scale, scaling → scal; query, queries → quer. */
function bareStem(stem: string): string {
  if (!/^[a-z]{4,}$/.test(stem) || wholeWords.has(stem)) return stem;
  const single = stem.replace(/([bdfglmnprt])\1$/, "$1");
  return single.length > 3 ? single.replace(/[ey]$/, "") : single;
}

function words(text: string): readonly string[] {
  return text.split(" ");
}
