// What is known of a gateway process that does not go on: each question has a limit of its own, since any of them may find nobody.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GatewayProcess, Rig } from "./gateway-process.ts";
import { raw, send } from "./test-client.ts";

const ASK_LIMIT_MS = 2_000;
const LOG_LINES = 20;

/** Lines for a person: its threads, its limits in shared memory, its admin pages, what the store of leases has, the end of its log. */
export async function describeGateway(
  rig: Rig,
  gateway: GatewayProcess,
  storePort: number | undefined,
): Promise<string> {
  const admin = (path: string): Promise<string> =>
    send({ port: rig.port("admin"), path }).then(({ status, text }) => `${status} ${text}`);
  const [limits, health, endpoints, store] = await Promise.all([
    ask(gateway.tell({ ask: "limits", counters: 4 }).then((found) => JSON.stringify(found))),
    ask(admin("/health")),
    ask(admin("/endpoints")),
    storePort === undefined ? "none" : ask(describeStore(storePort)),
  ]);
  return [
    `threads:\n${describeThreads(gateway.pid)}`,
    `limits: ${limits}`,
    `/health: ${health}`,
    `/endpoints: ${endpoints}`,
    `store of leases: ${store}`,
    `log:\n${gateway.log().trimEnd().split("\n").slice(-LOG_LINES).join("\n")}`,
  ].join("\n");
}

/** Work that must end, and well, within a limit; else it fails with what is known then. */
export async function within<Result>(
  work: Promise<Result>,
  limitMs: number,
  describe: () => Promise<string>,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  let hasDescribed = false;
  const timer = setTimeout(() => {
    hasDescribed = true;
    describe().then(
      (known) => late.reject(new Error(`does not go on after ${limitMs} ms\n${known}`)),
      (error: unknown) => late.reject(error as Error),
    );
  }, limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } catch (error) {
    if (hasDescribed) throw error;
    throw new Error(`${String(error)}\n${await describe()}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function ask(answer: Promise<string>): Promise<string> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer in ${ASK_LIMIT_MS} ms`), ASK_LIMIT_MS);
  return Promise.race([answer.catch(String), late.promise]).finally(() => clearTimeout(timer));
}

/** Name, state, and processor time in ticks of each thread; what it waits in, where the system tells. */
function describeThreads(pid: number): string {
  try {
    const tasks = `/proc/${pid}/task`;
    return readdirSync(tasks)
      .map((task) => {
        const text = readFileSync(join(tasks, task, "stat"), "utf8");
        const [state, ...numbers] = text.slice(text.lastIndexOf(")") + 2).split(" ");
        const name = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
        return `  ${task} ${name} ${state} user ${numbers[10]} system ${numbers[11]}`;
      })
      .join("\n");
  } catch (error) {
    return `  ${String(error)}`;
  }
}

/** Every key of a Redis with its fields, as the protocol writes them. */
async function describeStore(port: number): Promise<string> {
  const script =
    "local all={} for _,k in ipairs(redis.call('KEYS','*')) do local t=redis.call('TYPE',k).ok all[#all+1]=k " +
    "all[#all+1]=t=='hash' and redis.call('HGETALL',k) or t=='zset' and redis.call('ZRANGE',k,0,-1,'WITHSCORES') or redis.call('GET',k) end return cjson.encode(all)";
  const command = `*3\r\n$4\r\nEVAL\r\n$${script.length}\r\n${script}\r\n$1\r\n0\r\n`;
  return raw(port, command, (text) => text.endsWith("\r\n") && text.includes("]"));
}
