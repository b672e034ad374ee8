// GoModel, where `gomodel` is on PATH or in the bench's cache. Each kind of answer is a provider of its own. Retries and the breaker are
// off, as its authors measure it; it has no setting for the address that it listens on.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../machine/find-program.ts";
import { freePort } from "../machine/free-port.ts";
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Upstreams } from "../upstream/start-upstreams.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY, startProxy } from "./proxy-candidate.ts";

const PROGRAM = "gomodel";

/** GoModel without logging and usage records. */
export const gomodel: Candidate = {
  name: "gomodel",
  hasWorkers: true,
  prepare: () => Promise.resolve(findProgram(PROGRAM) === undefined ? { absent: `${PROGRAM} is not on PATH` } : {}),
  async start({ bench, upstreams, workers }) {
    const port = await freePort();
    await mkdir(join(bench.folder, "config"), { recursive: true });
    // It reads config/config.yaml below the folder that it is started in. JSON is YAML.
    await writeFile(join(bench.folder, "config", "config.yaml"), JSON.stringify(configuration(upstreams)));
    return startProxy(bench, {
      name: `gomodel-${workers}`,
      argv: [findProgram(PROGRAM) ?? PROGRAM],
      environment: {
        PORT: String(port),
        GOMODEL_MASTER_KEY: "",
        SQLITE_PATH: join(bench.folder, "gomodel.db"),
        GOMODEL_CACHE_DIR: join(bench.folder, "gomodel-cache"),
        GOMAXPROCS: String(workers),
      },
      target: (kind) => ({
        url: `http://127.0.0.1:${port}/v1/chat/completions`,
        headers: {},
        models: [`${kind}/${UPSTREAM_MODEL}`],
        keys: [ANY_KEY],
      }),
    });
  },
};

function configuration(upstreams: Upstreams): object {
  const kinds = Object.keys(answerKinds) as AnswerKind[];
  const providers = kinds.map((kind) => [
    kind,
    { type: "openai", base_url: upstreams.baseUrl(kind), api_key: ANY_KEY, models: [UPSTREAM_MODEL] },
  ]);
  return {
    models: { configured_provider_models_mode: "allowlist" },
    logging: { enabled: false },
    usage: { enabled: false },
    resilience: { retry: { max_retries: 0 }, circuit_breaker: { enabled: false } },
    providers: Object.fromEntries(providers) as object,
  };
}
