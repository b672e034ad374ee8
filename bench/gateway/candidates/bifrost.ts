// Bifrost, where its server `bifrost-http` is on PATH or in the bench's cache. Each kind of answer is a provider of its own that speaks
// the OpenAI API, because a base URL belongs to a provider there. Its log of every request is off.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../machine/find-program.ts";
import { freePort } from "../machine/free-port.ts";
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Upstreams } from "../upstream/start-upstreams.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY, startProxy } from "./proxy-candidate.ts";

const PROGRAM = "bifrost-http";

/** Bifrost from a file, without a store. */
export const bifrost: Candidate = {
  name: "bifrost",
  hasWorkers: true,
  prepare: () => Promise.resolve(findProgram(PROGRAM) === undefined ? { absent: `${PROGRAM} is not on PATH` } : {}),
  async start({ bench, upstreams, workers }) {
    const port = await freePort();
    const name = `bifrost-${workers}`;
    const folder = join(bench.folder, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "config.json"), JSON.stringify(configuration(upstreams)));
    const place = ["-app-dir", folder, "-host", "127.0.0.1", "-port", String(port), "-log-level", "error"];
    return startProxy(bench, {
      name,
      argv: [findProgram(PROGRAM) ?? PROGRAM, ...place],
      environment: { GOMAXPROCS: String(workers) },
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
    {
      keys: [{ name: "bench", value: ANY_KEY, models: ["*"], weight: 1 }],
      network_config: { base_url: upstreams.baseUrl(kind).replace(/\/v1$/, ""), max_retries: 0 },
      custom_provider_config: { base_provider_type: "openai" },
      concurrency_and_buffer_size: { concurrency: 1_000, buffer_size: 5_000 },
    },
  ]);
  return {
    client: { drop_excess_requests: false, enable_logging: false },
    providers: Object.fromEntries(providers) as object,
    config_store: { enabled: false },
    logs_store: { enabled: false },
  };
}
