// The two upstreams of a run: nginx with whole answers of fixed sizes, and the paced server with streams.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { freePort } from "../machine/free-port.ts";
import { startProgram } from "../machine/start-program.ts";
import { roleCommand } from "../role.ts";
import { chatCompletion } from "./answers.ts";
import { configureNginx } from "./nginx-configuration.ts";
import { answerKinds, type AnswerKind } from "./answer-kind.ts";
import { untilAnswered } from "../load/until-answered.ts";

/** Where the upstreams are. */
export interface Upstreams {
  /** Whole answers. */
  readonly jsonPort: number;
  /** Streams. */
  readonly pacedPort: number;
  /** The base URL of the API that answers in this way, without a slash at its end. */
  baseUrl(kind: AnswerKind): string;
}

/** Starts both; they run until the end of the bench. */
export async function startUpstreams(bench: Bench, nginx: string): Promise<Upstreams> {
  const jsonPort = await freePort();
  const pacedPort = await freePort();
  const upstreams: Upstreams = {
    jsonPort,
    pacedPort,
    baseUrl: (kind) => `http://127.0.0.1:${answerKinds[kind].isStream ? pacedPort : jsonPort}/${kind}/v1`,
  };
  await startJson(bench, nginx, jsonPort);
  await startProgram(bench, "paced", roleCommand("paced", String(pacedPort)));
  for (const kind of ["small", "pace10"] as const) {
    await untilAnswered({ url: `${upstreams.baseUrl(kind)}/chat/completions`, kind, limitMs: 10_000 });
  }
  return upstreams;
}

/**
 * A POST of a file is refused by nginx with 405, whose error page is the file itself. Without sendfile, head and body leave in one
 * segment. The mirror makes nginx read a long prompt before it answers; else it would answer at the first bytes, as no model does.
 */
async function startJson(bench: Bench, program: string, port: number): Promise<void> {
  const folder = join(bench.folder, "upstream");
  for (const kind of Object.keys(answerKinds) as AnswerKind[]) {
    if (answerKinds[kind].isStream) continue;
    const place = join(folder, "www", kind, "v1", "chat");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "completions"), chatCompletion(answerKinds[kind].answerBytes).json);
  }
  const argv = await configureNginx({
    program,
    folder,
    workers: 1,
    http: `  default_type application/json;
  open_file_cache max=16 inactive=1h;
  open_file_cache_valid 1h;
  sendfile off;
  output_buffers 1 64k;
  etag off;
  server {
    listen 127.0.0.1:${port} backlog=2048;
    root ${join(folder, "www")};
    location / { error_page 405 =200 $uri; }
    location /prompt/ { error_page 405 =200 $uri; mirror /nowhere; }
    location = /nowhere { internal; return 204; }
  }`,
  });
  await startProgram(bench, "upstream", argv);
}
