// The floors of the house (design: the tree is the architecture). A package imports only what its row names; a row names only lower floors.

/** One package: its floor and what it may import of the others. */
export interface FloorRow {
  readonly floor: number;
  readonly mayImport: readonly string[];
  /** false: no npm package at all. A list: only these. */
  readonly npm: "any" | readonly string[];
}

/** The table. `cli` may import all. */
export const FLOORS: Readonly<Record<string, FloorRow>> = {
  core: { floor: 0, mayImport: [], npm: ["zod", "yaml"] },
  traffic: { floor: 1, mayImport: ["core"], npm: "any" },
  "engine-model": { floor: 1, mayImport: ["core"], npm: "any" },
  telemetry: { floor: 1, mayImport: ["core"], npm: "any" },
  wire: { floor: 1, mayImport: ["core"], npm: "any" },
  decompose: { floor: 1, mayImport: ["core"], npm: "any" },
  keeper: { floor: 2, mayImport: ["core", "wire"], npm: [] },
  drivers: { floor: 2, mayImport: ["core", "wire"], npm: "any" },
  client: { floor: 2, mayImport: ["core", "wire"], npm: "any" },
  fakes: { floor: 2, mayImport: ["core", "wire"], npm: "any" },
  drill: { floor: 3, mayImport: ["core", "wire", "client"], npm: "any" },
  gateway: { floor: 3, mayImport: ["core", "wire", "traffic", "telemetry"], npm: "any" },
  engines: { floor: 3, mayImport: ["core", "wire", "telemetry", "engine-model"], npm: "any" },
  sim: { floor: 3, mayImport: ["core", "traffic", "engine-model"], npm: "any" },
  control: { floor: 4, mayImport: ["core", "wire", "telemetry", "drivers", "traffic"], npm: "any" },
  console: { floor: 5, mayImport: ["client", "core"], npm: "any" },
  cli: {
    floor: 6,
    mayImport: [
      "core",
      "traffic",
      "engine-model",
      "telemetry",
      "wire",
      "decompose",
      "keeper",
      "drivers",
      "client",
      "drill",
      "gateway",
      "engines",
      "sim",
      "control",
      "console",
    ],
    npm: "any",
  },
};

/** Folders below which core may import zod and yaml: its second door. */
export const CORE_NPM_FOLDER = "packages/core/src/manifest/";
