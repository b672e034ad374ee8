// One health probe: an HTTP request, a connection or a command. It answers with evidence and never rejects; the transcript says what
// was sent and what came back, because "did not become healthy" alone helps nobody.
import { isFlyballError, type Address, type Clock, type ComposedText, type HealthcheckSpec } from "@flyball/core";
import { request } from "node:http";
import { connect } from "node:net";
import { composeText, errorText } from "../texts/compose-text.ts";

/** What came of a probe. */
export interface ProbeResult {
  readonly isHealthy: boolean;
  readonly transcript: ComposedText;
  /** Nothing came back in time, neither an answer nor a refusal. */
  readonly isSilent?: true;
}

/** Runs a command in the instance's environment. */
export type RunCheckCommand = (
  command: readonly string[],
  timeoutMs: number,
) => Promise<{ code: number; output: string }>;

/** What a probe needs. */
export interface ProbeOptions {
  readonly healthcheck: HealthcheckSpec;
  readonly addresses: Readonly<Record<string, Address>>;
  readonly clock: Clock;
  readonly runCommand: RunCheckCommand | undefined;
}

/** Probes once. */
export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  const { healthcheck } = options;
  if (healthcheck.command !== undefined) return probeCommand(healthcheck.command, options);
  const portName = healthcheck.http?.port ?? healthcheck.tcp?.port;
  const address = portName === undefined ? Object.values(options.addresses)[0] : options.addresses[portName];
  if (address === undefined)
    return { isHealthy: false, transcript: composeText("probe.no-port", { port: portName ?? "" }) };
  if (healthcheck.http !== undefined) return probeHttp(address, healthcheck.http, healthcheck.timeoutMs);
  return probeTcp(address, healthcheck.timeoutMs);
}

function probeHttp(
  address: Address,
  check: { readonly path: string; readonly status?: number },
  timeoutMs: number,
): Promise<ProbeResult> {
  const url = `http://${address.host}:${address.port}${check.path}`;
  return new Promise((resolve) => {
    const settle = (isHealthy: boolean, answer: string | ComposedText, silence?: { isSilent: true }): void => {
      clearTimeout(timer);
      resolve({ isHealthy, transcript: composeText("probe.http", { url, answer }), ...silence });
    };
    const outgoing = request({ host: address.host, port: address.port, path: check.path, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (body.length < 200) body += chunk;
      });
      response.on("error", () => undefined);
      response.on("end", () => {
        const isHealthy = check.status === undefined ? status >= 200 && status < 400 : status === check.status;
        settle(isHealthy, `${status} ${body.slice(0, 200).trim()}`.trim());
      });
    });
    const timer = setTimeout(() => {
      settle(false, composeText("probe.no-answer", { timeoutMs }), { isSilent: true });
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on("error", (error: NodeJS.ErrnoException) => settle(false, error.code ?? error.message));
    outgoing.end();
  });
}

function probeTcp(address: Address, timeoutMs: number): Promise<ProbeResult> {
  const sent = `${address.host}:${address.port}`;
  return new Promise((resolve) => {
    const settle = (isHealthy: boolean, answer: ComposedText, silence?: { isSilent: true }): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ isHealthy, transcript: composeText("probe.tcp", { address: sent, answer }), ...silence });
    };
    const socket = connect({ host: address.host, port: address.port });
    const timer = setTimeout(
      () => settle(false, composeText("probe.no-connection", { timeoutMs }), { isSilent: true }),
      timeoutMs,
    );
    socket.on("connect", () => settle(true, composeText("probe.connected")));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      settle(false, composeText("probe.nobody-listens", { error: error.code ?? error.message })),
    );
  });
}

async function probeCommand(command: readonly string[], options: ProbeOptions): Promise<ProbeResult> {
  const result = (isHealthy: boolean, answer: ComposedText): ProbeResult => ({
    isHealthy,
    transcript: composeText("probe.command", { command: command.join(" "), answer }),
  });
  if (options.runCommand === undefined) return result(false, composeText("probe.no-commands"));
  try {
    const { code, output } = await options.runCommand(command, options.healthcheck.timeoutMs);
    return result(code === 0, composeText("probe.exit-code", { code, output: output.slice(-200).trim() }));
  } catch (error) {
    const silence = isFlyballError(error, "FB_DRIVER_COMMAND_TIMED_OUT") ? ({ isSilent: true } as const) : {};
    return { ...result(false, errorText(error)), ...silence };
  }
}
