// A session with the inspector of a Node process. Source: the Chrome DevTools Protocol, domains Runtime and NodeWorker.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { findListeningSockets, findPortHolder } from "@flyball/wire";
import { InjectionRefused } from "../injector-reason.ts";

/** Runs code in a process that it was opened for. */
export interface InspectorSession {
  evaluate(code: string): Promise<void>;
  /** In one of its worker threads that serve: not in one that stands beside them and says in its data what it is. Rejects when there is none. */
  evaluateInWorker(code: string): Promise<void>;
  /** The inspector listens no more afterwards. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const PORT = 9229;
const LOOK_MS = 20;
const LIMIT_MS = 5_000;
/** A gateway's arbiter and the threads beside its workers are worker threads too. */
const SERVES = `process.getBuiltinModule("node:worker_threads").workerData?.role === undefined`;

/** Opens the inspector by SIGUSR1. Rejects when the program takes the signal for itself, or another process is being inspected. */
export async function openInspector(pid: number, signal: AbortSignal): Promise<InspectorSession> {
  if (findListeningSockets(HOST, PORT).length > 0) throw new InjectionRefused({ code: "inspector-busy", port: PORT });
  if (!catchesSigusr1(pid)) throw new InjectionRefused({ code: "not-node", pid });
  process.kill(pid, "SIGUSR1");
  const deadline = performance.now() + LIMIT_MS;
  while (findPortHolder(HOST, PORT)?.pid !== pid) {
    if (performance.now() > deadline) throw new InjectionRefused({ code: "no-inspector", pid });
    await delay(LOOK_MS, undefined, { signal });
  }
  const [target] = (await (await fetch(`http://${HOST}:${PORT}/json/list`, { signal })).json()) as {
    readonly webSocketDebuggerUrl: string;
  }[];
  return wrapSession(await connect(target!.webSocketDebuggerUrl));
}

/** Bit 9 of the mask of caught signals. Source: proc_pid_status(5). */
function catchesSigusr1(pid: number): boolean {
  const mask = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${mask}`) >> 9n) & 1n) === 1n;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId?: string; readonly message?: string };
  readonly result?: {
    readonly exceptionDetails?: { readonly text: string };
    readonly result?: { readonly value?: unknown };
  };
  readonly error?: { readonly message: string };
}

function wrapSession(socket: WebSocket): InspectorSession {
  let last = 0;
  const answers = new Map<number, PromiseWithResolvers<Message>>();
  const workers: string[] = [];
  const receive = ({ id, error, result, ...rest }: Message): void => {
    const answer = id === undefined ? undefined : answers.get(id);
    const reason = error?.message ?? result?.exceptionDetails?.text;
    if (rest.method === "NodeWorker.attachedToWorker") workers.push(rest.params!.sessionId!);
    if (rest.method === "NodeWorker.receivedMessageFromWorker") receive(JSON.parse(rest.params!.message!) as Message);
    if (reason === undefined) answer?.resolve({ result: result ?? {} });
    else answer?.reject(new Error(reason));
  };
  socket.addEventListener("message", ({ data }) => receive(JSON.parse(String(data)) as Message));
  const fail = (): void =>
    answers.forEach((answer) => answer.reject(new InjectionRefused({ code: "inspector-closed" })));
  socket.addEventListener("close", fail);
  const ask = async (method: string, params: object, worker?: string): Promise<unknown> => {
    const id = (last += 1);
    const answer = Promise.withResolvers<Message>();
    answers.set(id, answer);
    const message = { id, method, params };
    const inner = { id: (last += 1), method: "NodeWorker.sendMessageToWorker" };
    const outer = { ...inner, params: { sessionId: worker, message: JSON.stringify(message) } };
    socket.send(JSON.stringify(worker === undefined ? message : outer));
    const { result } = await answer.promise.finally(() => answers.delete(id));
    return result?.result?.value;
  };
  return {
    async evaluate(expression) {
      await ask("Runtime.evaluate", { expression });
    },
    async evaluateInWorker(expression) {
      await ask("NodeWorker.enable", { waitForDebuggerOnStart: false });
      const serves = await Promise.all(workers.map((each) => ask("Runtime.evaluate", { expression: SERVES }, each)));
      const worker = workers[serves.indexOf(true)];
      if (worker === undefined) throw new InjectionRefused({ code: "no-worker" });
      await ask("Runtime.evaluate", { expression }, worker);
      await ask("NodeWorker.disable", {});
    },
    async close() {
      const expression = `void setTimeout(() => process.getBuiltinModule("node:inspector").close(), 50)`;
      await ask("Runtime.evaluate", { expression }).catch(() => undefined);
      socket.close();
    },
  };
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new InjectionRefused({ code: "inspector-closed" })));
  });
  return socket;
}
