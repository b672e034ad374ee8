// The certificate bundles that backends and channels of notices name with `ca`. They become part of the app, so that a rollback brings the old trust back and
// another machine needs no file; a bundle may stand in the manifest itself as well. Certificates are no secret; a private key among
// them is, and is refused.
import { X509Certificate } from "node:crypto";
import type { PathProblem } from "../problems/problem-list.ts";
import type { ManifestInput } from "../schema/manifest.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import type { CertificateContext } from "./read-certificates.ts";

/** Certificates as PEM, by model and position of the backend, or by channel. */
export type Authorities = ReadonlyMap<string, string>;

/** A provider needs a certificate or two; a bundle of the whole web belongs into NODE_EXTRA_CA_CERTS. */
const MOST_CHARACTERS = 128 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The key of a backend among the bundles. */
export function authorityKey(model: string, index: number): string {
  return `${model}/${index}`;
}

/** The key of a channel of notices among them; no model has such a name. */
export function channelAuthorityKey(channel: string): string {
  return `@notify/${channel}`;
}

/** Reads them; reports files that cannot be read and what is no bundle of certificates. */
export async function readAuthorities(input: ManifestInput, context: CertificateContext): Promise<Authorities> {
  const authorities = new Map<string, string>();
  for (const [model, { backends }] of Object.entries(input.models)) {
    for (const [index, { ca }] of backends.entries()) {
      if (ca === undefined) continue;
      const pem = await readBundle(ca, ["models", model, "backends", index, "ca"], context);
      if (pem !== undefined) authorities.set(authorityKey(model, index), pem);
    }
  }
  for (const [name, { ca }] of Object.entries(input.notify?.channels ?? {})) {
    if (ca === undefined) continue;
    const pem = await readBundle(ca, ["notify", "channels", name, "ca"], context);
    if (pem !== undefined) authorities.set(channelAuthorityKey(name), pem);
  }
  return authorities;
}

async function readBundle(ca: string, path: ManifestPath, context: CertificateContext): Promise<string | undefined> {
  const isInline = ca.includes("-----BEGIN ");
  const read = isInline ? ({ ok: true, text: ca } as const) : await context.files.read(context.resolvePath(path, ca));
  const subject = isInline ? "the text" : `"${ca.slice(0, 80)}"`;
  const refuse = (code: PathProblem["code"], message: string): undefined => {
    context.report({ path, code, message });
  };
  if (!read.ok) return refuse("FB_MANIFEST_UNREADABLE", `${subject} cannot be read: ${read.reason}`);
  const { text } = read;
  if (text.length > MOST_CHARACTERS) {
    return refuse(
      "FB_MANIFEST_WRONG_VALUE",
      `${subject} is larger than 128 KiB; only what signs this provider is needed`,
    );
  }
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    return refuse("FB_MANIFEST_LITERAL_SECRET", `${subject} holds a private key; only certificates belong there`);
  }
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    return refuse("FB_MANIFEST_WRONG_VALUE", `${subject} is not a bundle of certificates in PEM form`);
  }
  const bad = blocks.findIndex((block) => !isCertificate(block));
  if (bad < 0) return `${blocks.map((block) => block.replaceAll(/\s*\n\s*/g, "\n")).join("\n")}\n`;
  return refuse("FB_MANIFEST_WRONG_VALUE", `certificate ${bad + 1} of ${blocks.length} in ${subject} is damaged`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
