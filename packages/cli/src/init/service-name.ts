// Names as the manifest takes them: lower-case letters, digits and hyphens, a letter first, at most 40.

/** The nearest name that the manifest takes; `fallback` when nothing of the text is left. */
export function toServiceName(text: string, fallback = "app"): string {
  const cleaned = text
    .toLowerCase()
    .replace(/^@[^/]*\//, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return cleaned === "" ? fallback : cleaned;
}
