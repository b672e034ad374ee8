// The frame of an nginx that runs in the foreground out of one folder, for the upstream and for the candidate alike. A connection lives
// as long as its client wants: by default nginx closes it after 1,000 requests, and reconnecting would be part of every figure.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";

const CONNECTIONS = 8_192;

/** Writes `nginx.conf` into a new folder; answers the words that start it. */
export async function configureNginx(options: {
  readonly program: string;
  readonly folder: string;
  readonly workers: number;
  /** What stands in the http block. */
  readonly http: string;
}): Promise<readonly string[]> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${join(folder, name)};`)
    .join("\n");
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    `daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes ${options.workers};
pid ${join(folder, "pid")};
error_log ${join(folder, "error.log")} warn;
events { worker_connections ${CONNECTIONS}; multi_accept on; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_max_body_size 16m;
  client_body_buffer_size 1m;
${temporary}
${options.http}
}
`,
  );
  return [options.program, "-p", folder, "-c", file, "-e", join(folder, "error.log")];
}
