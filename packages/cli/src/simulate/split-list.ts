// Options that may be given more than once or as a list: `--policy flyball,least-request`.

/** The words of all values, in order, each once. A comma with a space behind it belongs to a name: `flyball, by arrival`. */
export function splitList(values: readonly string[]): readonly string[] {
  const words = values.flatMap((value) => value.split(/,(?! )/)).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}
