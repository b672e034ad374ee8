// A command line as one text for the audit trail. Values of variables and passwords in URLs are left out: people type them, and the
// trail is kept for ever.

const LONGEST = 500;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)=./s;
const URL_PASSWORD = /(:\/\/[^\s:/@]*:)[^\s@/]+@/g;

/** `flyball scale api=3 --reason "more load"`. */
export function commandLineText(argv: readonly string[]): string {
  return ["flyball", ...argv.map(wordOf)].join(" ").slice(0, LONGEST);
}

function wordOf(word: string): string {
  const [, name] = VARIABLE.exec(word) ?? [];
  // `api=3` says how many of a service.
  const shown = name === undefined || /^[a-z0-9]+=\d{1,4}$/.test(word) ? word : `${name}=…`;
  const safe = shown.replaceAll(URL_PASSWORD, "$1…@");
  return /^[\w./:=@,+…-]+$/.test(safe) ? safe : JSON.stringify(safe);
}
