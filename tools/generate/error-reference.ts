// docs/reference/errors.md, every error code.
import { renderErrors } from "@flyball/core/manifest";
import type { Artefact } from "./artefact.ts";

/** The page of error codes. */
export const errorReference: Artefact = { path: "docs/reference/errors.md", render: renderErrors };
