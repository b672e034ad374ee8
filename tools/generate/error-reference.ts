// docs/reference/errors.md and docs/zh-CN/reference/errors.md, every error code.
import { renderErrors } from "@flyball/core/manifest";
import { zhErrors } from "flyball";
import type { Artefact } from "./artefact.ts";

/** The page of error codes in English. */
export const errorReference: Artefact = { path: "docs/reference/errors.md", render: () => renderErrors() };

/** The page of error codes in Chinese. */
export const errorReferenceChinese: Artefact = {
  path: "docs/zh-CN/reference/errors.md",
  render: () => renderErrors(zhErrors),
};
