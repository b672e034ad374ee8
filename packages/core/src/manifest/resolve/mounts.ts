// Volumes of a service: `name:/absolute/path`.

/** A volume with the place where the service wants it. */
export interface Mount {
  readonly volume: string;
  readonly path: string;
}

/** Reads `data:/var/lib/data`; a sentence when it is something else. */
export function parseMount(text: string): Mount | { readonly complaint: string } {
  const match = /^([a-z][a-z0-9-]{0,39}):(\/[^:]*)$/.exec(text);
  if (match !== null) return { volume: match[1] as string, path: match[2] as string };
  if (/^[./~]/.test(text))
    return { complaint: `expected name:/absolute/path, saw "${text}"; folders of the machine cannot be mounted` };
  if (/^[^:]+:\/[^:]*:[a-z,]+$/.test(text))
    return { complaint: `expected name:/absolute/path, saw "${text}"; modes like ro are not supported` };
  return { complaint: `expected name:/absolute/path, saw "${text.slice(0, 80)}"` };
}
