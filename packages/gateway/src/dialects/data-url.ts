// Inline media stands as a data URL with OpenAI and as media type and base64 with Anthropic.

/** Media type and base64 of a data URL; undefined for any other URL. */
export function readDataUrl(url: string): { readonly mediaType: string; readonly base64: string } | undefined {
  if (!url.startsWith("data:")) return undefined;
  const comma = url.indexOf(",");
  const head = url.slice(5, comma);
  if (comma < 0 || !head.endsWith(";base64")) return undefined;
  const mediaType = head.slice(0, head.indexOf(";"));
  return { mediaType: mediaType === "" ? "text/plain" : mediaType, base64: url.slice(comma + 1) };
}

/** The data URL of both. */
export function writeDataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`;
}
