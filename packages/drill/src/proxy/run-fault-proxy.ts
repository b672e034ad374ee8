// A process that stands in the place of an instance: it listens on the instance's port, starts the real program on another one and passes
// everything through, until a rule is set at its control socket.
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { parseArgs } from "node:util";
import type { Clock } from "@flyball/core";
import { findListeningSockets } from "@flyball/wire";
import { listenForRules } from "./control-socket.ts";
import { startProxyServer, type ProxyServer } from "./proxy-server.ts";
import { replacePort } from "./replace-port.ts";
import { createRuleBook, type LeasedRule, type RuleBook } from "./rule-book.ts";
import { sessionEnded, startProgram, type ProgramEnd, type WrappedProgram } from "./wrapped-program.ts";

/** A rule from the first request on, as JSON `{rule, leaseMs}`: a release that is bad from its start. */
export const FIRST_RULE_VARIABLE = "FLYBALL_FAULT";
const LOOK_MS = 20;
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGWINCH"] as const;
const STOP_SIGNALS: ReadonlySet<string> = new Set(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);
const USUAL_HEALTH_PATHS = ["/health", "/healthz", "/ready", "/readyz", "/live", "/livez", "/ping", "/v1/health"];

/** Time and chance. */
export interface FaultProxyContext {
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Runs `--socket <path> [--health-path <path>]… -- <program> <argument>…` until the program ends; resolves with how it ended. The
 * environment is the instance's: PORT, and HOST (127.0.0.1). `mirrorEnd` then ends this process in the same way.
 */
export async function runFaultProxy(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { clock, random }: FaultProxyContext,
): Promise<ProgramEnd> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { socket: { type: "string" }, "health-path": { type: "string", multiple: true } },
  });
  const { [FIRST_RULE_VARIABLE]: firstRule, ...own } = environment;
  const port = Number(own["PORT"]);
  const host = own["HOST"] ?? "127.0.0.1";
  if (!values.socket || positionals.length === 0 || !(port > 0))
    throw new Error("the fault proxy needs --socket, a program after -- and PORT in the environment");
  const target = { host: connectHost(host), port: await freePort(host) };
  const program = startProgram(replacePort({ argv: positionals, environment: own }, port, target.port));
  let server: ProxyServer | undefined;
  let isEnding = false;
  const stop = (): void => {
    isEnding = true;
    void untilSilent(target, program).then(() => server?.refuse());
  };
  passSignals(program, stop);
  const rules = createRuleBook(clock);
  const serve = async (): Promise<void> => {
    await untilListening(target, program);
    if (isEnding || program.pid === 0) return;
    setFirstRule(rules, firstRule);
    const options = { host, port, target, rules, clock, random, kill: () => program.signal("SIGKILL") };
    server = await startProxyServer({
      ...options,
      healthPaths: new Set([...USUAL_HEALTH_PATHS, ...(values["health-path"] ?? [])]),
    });
  };
  const control = listenForRules(values.socket, rules, () => ({
    programPid: program.pid,
    arrived: server?.arrived ?? 0,
  })).catch(complain);
  void serve().catch((error: Error) => {
    complain(error);
    program.signal("SIGKILL");
  });
  try {
    const end = await program.ended;
    if (isEnding) await sessionEnded(program.pid);
    return end;
  } finally {
    server?.close();
    await (await control)?.close();
  }
}

/** Ends this process as the program ended: with its code, or by its signal. */
export function mirrorEnd({ code, signal }: ProgramEnd): void {
  if (signal === null) process.exit(code ?? 1);
  // A listener that came and went leaves the default action behind, also for signals that Node ignores.
  process.removeAllListeners(signal);
  const listener = (): void => undefined;
  if (signal !== "SIGKILL" && signal !== "SIGSTOP") process.on(signal, listener).off(signal, listener);
  process.kill(process.pid, signal);
}

function passSignals(program: WrappedProgram, onStop: () => void): void {
  for (const name of SIGNALS) {
    process.on(name, () => {
      program.signal(name);
      if (STOP_SIGNALS.has(name)) onStop();
    });
  }
}

function setFirstRule(rules: RuleBook, text: string | undefined): void {
  if (text !== undefined) rules.set(JSON.parse(text) as LeasedRule, rules);
}

/** Only then is it listened on the instance's own port: until the program listens, connections must be refused. */
async function untilListening({ host, port }: { host: string; port: number }, program: WrappedProgram): Promise<void> {
  while (program.pid > 0 && findListeningSockets(host, port).length === 0) await pause();
}

/** A program that was asked to stop often closes its port first and finishes its answers then. */
async function untilSilent({ host, port }: { host: string; port: number }, program: WrappedProgram): Promise<void> {
  while (program.pid > 0 && findListeningSockets(host, port).length > 0) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, LOOK_MS).unref());
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function connectHost(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

function complain(error: Error): undefined {
  process.stderr.write(`fault proxy: ${error.message}\n`);
  return undefined;
}
