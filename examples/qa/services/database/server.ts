// Starts the database: the knowledge base, full-text search and the answers under review, in one SQLite file.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runService } from "../shared/run-service.ts";
import { flagSetting, numberSetting, optionalSetting } from "../shared/settings.ts";
import type { Environment } from "../shared/settings.ts";
import { createDatabaseService } from "./database-service.ts";
import { readKnowledge } from "./knowledge.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** The folder that the environment names, or a temporary one that goes away with the process. */
function volumeFolder(environment: Environment): string {
  const folder = optionalSetting(environment, "FLYBALL_VOLUME_QA");
  if (folder !== null) {
    mkdirSync(folder, { recursive: true });
    return folder;
  }
  const temporary = mkdtempSync(join(tmpdir(), "flyball-qa-"));
  process.once("exit", () => rmSync(temporary, { recursive: true, force: true }));
  return temporary;
}

await runService("database", (environment, log) =>
  createDatabaseService({
    folder: volumeFolder(environment),
    knowledge: readKnowledge(
      optionalSetting(environment, "QA_KNOWLEDGE") ?? fileURLToPath(new URL("../../knowledge", import.meta.url)),
    ),
    log,
    now: Date.now,
    servesCandidates: flagSetting(environment, "QA_SERVE_CANDIDATES"),
    timeToLiveMs: numberSetting(environment, "QA_CANDIDATE_DAYS", { fallback: 30, minimum: 1, maximum: 3650 }) * dayMs,
    maximumCandidates: numberSetting(environment, "QA_MAX_CANDIDATES", {
      fallback: 1000,
      minimum: 1,
      maximum: 100_000,
    }),
  }),
);
