// Brings questions that are the same but for their dress to one form, so that a known question is found by a look-up and
// not by a guess. It is built for precision: two questions share a form only when width, case, punctuation, spaces,
// courtesy and the way of asking for a definition are all that sets them apart.

/** The form under which a question is stored and looked up. */
export function normaliseQuestion(question: string): string {
  const plain = bare(question);
  return definitionForm(plain) ?? plain;
}

/** The form of the question for a definition, when the text is nothing but a term: "Docker" → "what is Docker". */
export function definitionOfTerm(term: string): string {
  return definitionKey(bare(term));
}

function bare(question: string): string {
  return question
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\b(what|who)(?:'|’)?s\b/gu, "$1 is")
    .replace(/['’]/gu, "")
    .replace(/[^\p{L}\p{N}+#]+/gu, " ")
    .replace(/(?<=\p{Script=Han}) | (?=\p{Script=Han})/gu, "")
    .replace(/到底|究竟|\b(?:exactly|actually|really) /gu, "")
    .replaceAll("啥", "什么")
    .trim()
    .replace(/^(?:你好|您好)?(?:请问一下|请问|想问一下|我想知道|请告诉我|告诉我)/u, "")
    .replace(
      /^(?:(?:hi|hello|hey) )?(?:please |(?:can|could) you (?:please )?|i want to know )?(?:tell me )?(?=\S)/u,
      "",
    )
    .replace(/(?: please| briefly| in (?:simple|plain) (?:terms|words|english)|呢|啊|呀)$/u, "")
    .trim();
}

const requestForm =
  /^(?:请(?:简单|简要)?(?:解释|介绍|说明)(?:一下|下)?|(?:简单|简要)?(?:解释|介绍|说明)(?:一下|下)|(?:简单|简要)?(?:说说|讲讲)|(?:explain|define|about) )(.+)$/u;

const definitionForms: readonly RegExp[] = [
  /^(?:什么是|什么叫做|什么叫|何谓|何为)(.+)$/u,
  /^(.+?)的(?:定义|含义|意思)(?:是什么)?$/u,
  /^(.+?)(?:是什么意思|是什么东西|是什么|指的是什么|是指什么|指什么|什么意思)$/u,
  /^what (?:does|do) (.+) mean$/u,
  /^what (?:is|are) meant by (.+)$/u,
  /^(?:(?:what is|give) )?(?:the |a )?(?:definition|meaning) of (.+)$/u,
  /^(?:what is|what are) (.+)$/u,
];

function definitionForm(plain: string): string | null {
  const requested = requestForm.exec(plain)?.[1];
  const rest = requested ?? plain;
  for (const form of definitionForms) {
    const term = form.exec(rest)?.[1];
    if (term !== undefined) return definitionKey(term);
  }
  return requested === undefined ? null : definitionKey(requested);
}

function definitionKey(term: string): string {
  return `define:${term.replace(/^(?:a|an|the) /u, "").trim()}`;
}
