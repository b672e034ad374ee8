// Every generated file. A new one is a file beside this one and a line here.
import type { Artefact } from "./artefact.ts";
import { errorReference, errorReferenceChinese } from "./error-reference.ts";
import { manifestExample } from "./manifest-example.ts";
import { manifestReference, manifestReferenceChinese } from "./manifest-reference.ts";
import { manifestSchema } from "./manifest-schema.ts";
import { providerGuide, providerGuideChinese } from "./provider-guide.ts";

/** All artefacts in the order in which they are written. */
export const ARTEFACTS: readonly Artefact[] = [
  manifestSchema,
  manifestReference,
  manifestReferenceChinese,
  manifestExample,
  errorReference,
  errorReferenceChinese,
  providerGuide,
  providerGuideChinese,
];
