// The grammar of header names and methods (RFC 9110 §5.6.2), as a table: it is asked for every header in both directions.

const IS_TOKEN: Uint8Array = (() => {
  const table = new Uint8Array(256);
  const allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (let at = 0; at < allowed.length; at += 1) table[allowed.charCodeAt(at)] = 1;
  return table;
})();

/** Whether the text is a token: not empty, and of its characters only. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    // Codes above 255 are outside the table.
    if (IS_TOKEN[text.charCodeAt(at)] !== 1) return false;
  }
  return text.length > 0;
}
