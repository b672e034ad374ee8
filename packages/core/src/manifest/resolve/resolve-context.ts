// What resolving needs besides the manifest itself.
import type { TargetSpec } from "../../app-spec.ts";
import type { Attachments } from "../load/read-attachments.ts";
import type { Authorities } from "../load/read-authorities.ts";
import type { ManifestInput } from "../schema/manifest.ts";
import type { ManifestPath } from "../source/manifest-node.ts";

/** A manifest without problems, and where its parts stand. */
export interface ResolveContext {
  readonly input: ManifestInput;
  readonly target: TargetSpec;
  readonly active: ReadonlySet<string>;
  readonly attachments: Attachments;
  readonly authorities: Authorities;
  /** The absolute path of a text, relative to the file in which it stands. */
  readonly resolvePath: (path: ManifestPath, text: string) => string;
  /** The folder of the file in which the key at a path stands. */
  readonly directoryOf: (path: ManifestPath) => string;
}
