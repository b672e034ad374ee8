// docs/reference/manifest.schema.json, for editors.
import { manifestJsonSchema } from "@flyball/core/manifest";
import type { Artefact } from "./artefact.ts";

/** The JSON Schema of the manifest. */
export const manifestSchema: Artefact = {
  path: "docs/reference/manifest.schema.json",
  render: () => `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`,
};
