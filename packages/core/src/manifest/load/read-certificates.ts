// The certificate files of TLS listeners. Their content is no part of the app, for it is renewed without a new revision; they are read
// here so that a wrong path is found where it is written and not by the first client.
import type { PathProblem } from "../problems/problem-list.ts";
import type { ManifestInput } from "../schema/manifest.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import type { ManifestFiles } from "./manifest-files.ts";

/** What reading needs. */
export interface CertificateContext {
  readonly files: ManifestFiles;
  /** The absolute path of a text that stands at a path of the manifest. */
  readonly resolvePath: (path: ManifestPath, text: string) => string;
  readonly report: (problem: PathProblem) => void;
}

const PARTS = [
  { key: "cert", pattern: /-----BEGIN CERTIFICATE-----/, expectation: "a certificate in PEM form" },
  {
    key: "key",
    pattern: /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----(?!\r?\nProc-Type)/,
    expectation: "a private key in PEM form, without a passphrase",
  },
] as const;

/** Reports files that cannot be read and files that hold something else. */
export async function readCertificates(input: ManifestInput, context: CertificateContext): Promise<void> {
  for (const [name, { tls }] of Object.entries(input.gateway?.listeners ?? {})) {
    if (tls === undefined) continue;
    for (const { key, pattern, expectation } of PARTS) {
      const path = ["gateway", "listeners", name, "tls", key];
      const read = await context.files.read(context.resolvePath(path, tls[key]));
      if (!read.ok) {
        context.report({
          path,
          code: "FB_MANIFEST_UNREADABLE",
          message: `"${tls[key]}" cannot be read: ${read.reason}`,
        });
      } else if (!pattern.test(read.text)) {
        context.report({ path, code: "FB_MANIFEST_WRONG_VALUE", message: `"${tls[key]}" is not ${expectation}` });
      }
    }
  }
}
