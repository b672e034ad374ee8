// LiteLLM's proxy, where `litellm` is on PATH (`pip install "litellm[proxy]"`).
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../machine/find-program.ts";
import { freePort } from "../machine/free-port.ts";
import { answerKinds, type AnswerKind } from "../upstream/answer-kind.ts";
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY, startProxy } from "./proxy-candidate.ts";

/** LiteLLM without a database and without callbacks. */
export const litellm: Candidate = {
  name: "litellm",
  hasWorkers: true,
  prepare: () => Promise.resolve(findProgram("litellm") === undefined ? { absent: "litellm is not on PATH" } : {}),
  async start({ bench, upstreams, workers }) {
    const port = await freePort();
    const file = join(bench.folder, "litellm.yaml");
    const models = (Object.keys(answerKinds) as AnswerKind[]).map((kind) => ({
      model_name: kind,
      litellm_params: { model: `openai/${UPSTREAM_MODEL}`, api_base: upstreams.baseUrl(kind), api_key: ANY_KEY },
    }));
    // It does not start without a key of its own. JSON is YAML.
    const masterKey = `sk-${randomUUID()}`;
    await writeFile(file, JSON.stringify({ model_list: models, general_settings: { master_key: masterKey } }));
    const place = ["--host", "127.0.0.1", "--port", String(port), "--num_workers", String(workers)];
    return startProxy(bench, {
      name: `litellm-${workers}`,
      argv: [findProgram("litellm") ?? "litellm", "--config", file, ...place],
      target: (kind) => ({
        url: `http://127.0.0.1:${port}/v1/chat/completions`,
        headers: {},
        models: [kind],
        keys: [masterKey],
      }),
    });
  },
};
