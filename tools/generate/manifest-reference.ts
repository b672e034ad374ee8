// docs/reference/manifest.md and docs/zh-CN/reference/manifest.md.
import { renderReference } from "@flyball/core/manifest";
import type { Artefact } from "./artefact.ts";

/** The reference of the manifest in English. */
export const manifestReference: Artefact = { path: "docs/reference/manifest.md", render: () => renderReference("en") };

/** The reference of the manifest in Chinese. */
export const manifestReferenceChinese: Artefact = {
  path: "docs/zh-CN/reference/manifest.md",
  render: () => renderReference("zh"),
};
