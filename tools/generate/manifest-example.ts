// docs/reference/flyball.example.yaml, a manifest with every key.
import { annotatedExample } from "@flyball/core/manifest";
import type { Artefact } from "./artefact.ts";

/** The annotated example. */
export const manifestExample: Artefact = { path: "docs/reference/flyball.example.yaml", render: annotatedExample };
