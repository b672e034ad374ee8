// A command line as a list of arguments: words where no shell is needed, `sh -c` where one is. `$PORT` becomes `${instance.port}`.

const SHELL_SYNTAX = /[|&;<>()`*?~#!\n]|\$(?!\{?PORT\b)|(?:^|\s)\w+=/;

/** Splits a command line; every `$` that is left to a shell is doubled, because the manifest fills in `${…}` itself. */
export function splitCommand(line: string): readonly string[] {
  const text = line.trim();
  if (SHELL_SYNTAX.test(withoutQuoted(text))) return ["sh", "-c", withInstancePort(text)];
  return splitWords(text).map(withInstancePort);
}

/** `$PORT` and `${PORT…}` → `${instance.port}`; any other `$` is doubled. */
export function withInstancePort(text: string): string {
  return text
    .split(/(\$PORT\b|\$\{PORT(?::?-[^}]*)?\})/)
    .map((part) => (/^\$\{?PORT/.test(part) ? "${instance.port}" : part.replaceAll("$", "$$$$")))
    .join("");
}

/** Words with single and double quotes taken off. */
function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const match of text.matchAll(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*')+/g))
    words.push(
      match[0].replaceAll(
        /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
        (_whole, double: string | undefined, single: string | undefined) =>
          double === undefined ? (single ?? "") : double.replaceAll(/\\(["\\$`])/g, "$1"),
      ),
    );
  return words;
}

function withoutQuoted(text: string): string {
  return text.replaceAll(/'[^']*'/g, "").replaceAll(/"[^"$`]*"/g, "");
}
