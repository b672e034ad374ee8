// The second door of core: reading manifests, and what is made of their schema. It is apart because it is the only code that needs
// zod and yaml; the gateway and the keeper never load it.
export { annotatedExample } from "./docs/annotated-example.ts";
export { manifestJsonSchema } from "./docs/json-schema.ts";
export { renderDocs, type DocsLanguage } from "./docs/render-docs.ts";
export { renderErrors } from "./docs/render-errors.ts";
export { renderReference } from "./docs/render-reference.ts";
export { loadManifest, type LoadedManifest, type LoadManifestOptions } from "./load/load-manifest.ts";
export type { ReadFile } from "./load/manifest-files.ts";
export { resolvedToYaml } from "./print/resolved-to-yaml.ts";
export { formatProblem, formatProblems, type FormatProblemsOptions } from "./problems/format-problems.ts";
export type { ManifestErrorCode, ManifestProblem } from "./problems/manifest-problem.ts";
