// One thing that is wrong with a manifest: where, what was seen, what is expected. The code is a row of the error table.
import type { MANIFEST_ERRORS } from "../../errors/manifest-errors.ts";
import type { ManifestPath } from "../source/manifest-node.ts";

/** A code of the manifest's part of the error table. */
export type ManifestErrorCode = keyof typeof MANIFEST_ERRORS;

/** A problem of a manifest. Line and column count from 1; both are 0 where there is no place in a file. */
export interface ManifestProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `services.api.ports[0].name`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** The key or name that was probably meant. */
  readonly suggestion?: string;
  readonly code: ManifestErrorCode;
}

/** `services.api.ports[0]`; keys that are not plain words are quoted: `labels["a.b"]`. */
export function formatPath(path: ManifestPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w@-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `["${step}"]`;
  }
  return text;
}
