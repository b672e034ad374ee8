// Our own processes killed −9 under load: control, the gateway, both. What the keeper holds (pipes, exit statuses, listening sockets)
// outlives them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followAppEvents, type AppEvents } from "./support/app-events.ts";
import { appProcesses, killHard, type Death } from "./support/app-processes.ts";
import { createAppRig, type AppRig } from "./support/app-rig.ts";
import { startShareMeter } from "./support/machine-share.ts";
import { checkNumberedLines, readLogFiles } from "./support/numbered-lines.ts";
import { serviceFiles } from "./support/service-files.ts";
import { failuresOf, startSteadyRequests, type RequestRecord, type SteadyRequests } from "./support/steady-requests.ts";

const ROUNDS = 3;
/** The file that a place logs into is renamed at 8 MiB: 100 of these lines a second fill it in about 13 s. */
const WORDY_PADDING = 6_000;

const MANIFEST = `
name: crash
services:
  web:
    command: [node, web.mjs]
    replicas: 2
    ports: [{ name: http, published: 18610 }]
    healthcheck: { http: /health }
  terse:
    command: [node, numbers.mjs]
    replicas: 2
    ports: []
  wordy:
    command: [node, numbers.mjs]
    replicas: 2
    ports: []
    environment: { PADDING: "${WORDY_PADDING}" }
  fragile:
    command: [node, fragile.mjs]
    ports: []
    restart: { policy: always, delay: 50ms, max_delay: 100ms, reset_after: 200ms }
`;

/** One kill with what came of it. */
interface Round extends Death {
  /** Requests that ended after the kill. */
  readonly records: readonly RequestRecord[];
}

describe("an app whose control and gateway are killed −9 under load", () => {
  let rig: AppRig;
  let events: AppEvents;
  let load: SteadyRequests;
  let keeperPid: number;
  const codes: number[] = [];
  let lastKillAt = 0;

  beforeAll(async () => {
    rig = await createAppRig({
      manifest: MANIFEST,
      files: serviceFiles("web.mjs", "numbers.mjs", "fragile.mjs"),
      environment: { FLYBALL_GOOD_WINDOW_MS: "300" },
    });
    await rig.up();
    events = followAppEvents(rig.client());
    keeperPid = (await appProcesses(rig.stateFolder())).keeper.pid;
    load = startSteadyRequests({ url: `${await rig.url("web")}/?delay=10`, perSecond: 50 });
    await rig.until("requests are answered", () => load.records.length >= 25);
  });

  afterAll(async () => {
    await load?.stop();
    await events?.stop();
    await rig?.dispose();
  });

  /** fragile/0 leaves with a code of its own, at once after the kill. */
  async function killWhileFragileLeaves(
    names: readonly ("control" | "gateway")[],
  ): Promise<Death & { readonly code: number }> {
    const fragile = await runningPid("fragile");
    const processes = await appProcesses(rig.stateFolder());
    const code = 41 + codes.length;
    codes.push(code);
    await rig.folder.write("app/code", String(code));
    const death = killHard(...names.map((name) => processes[name]));
    process.kill(fragile, "SIGUSR2");
    return { ...(await death), code };
  }

  async function runningPid(service: string): Promise<number> {
    let pid: number | null | undefined;
    await rig.until(`${service} runs`, async () => (pid = (await rig.instances(service))[0]?.pid) != null);
    return pid!;
  }

  async function round(names: readonly ("control" | "gateway")[]): Promise<Round> {
    const meter = await startShareMeter(rig.stateFolder(), keeperPid);
    const death = await killWhileFragileLeaves(names);
    lastKillAt = death.killedAt;
    const answeredLater = (record: RequestRecord): boolean =>
      record.startedAt > death.goneAt && record.outcome === "200";
    const [statusMs] = await Promise.all([
      rig.status().then(() => performance.now() - death.killedAt),
      rig.until("requests are answered", () => load.records.some(answeredLater)),
    ]);
    const share = await meter.stop();
    const servedMs = Math.min(...load.records.filter(answeredLater).map((record) => record.endedAt)) - death.killedAt;
    await rig.until("all is well again", async () => {
      const status = await rig.status();
      const isBack = status.state === "ready" && status.gateway.isConnected;
      return isBack && events.named("instance-exited").some(({ exit }) => exit.code === death.code);
    });
    // Every request that the death could have touched has ended, and some came after it.
    const backAt = performance.now();
    await rig.until("requests go on", () => load.records.filter((record) => record.startedAt > backAt).length >= 20);
    const records = load.records.filter((record) => record.endedAt >= death.killedAt);
    const failed = records.filter((record) => record.outcome !== "200").length;
    console.info(
      `${names.join(" and ")} killed: ${failed} of ${records.length} requests failed, serving again after ${servedMs.toFixed(0)} ms, ` +
        `status after ${statusMs.toFixed(0)} ms (${(share * 100).toFixed(0)} % of the machine were there for it)`,
    );
    expect(statusMs * share).toBeLessThanOrEqual(2_000);
    expect(servedMs * share).toBeLessThanOrEqual(1_000);
    return { ...death, records };
  }

  it(`control, ${ROUNDS} times: no request fails, status is back in 2 s`, async () => {
    for (let count = 0; count < ROUNDS; count += 1) expect(failuresOf((await round(["control"])).records)).toEqual({});
  });

  it(`the gateway, ${ROUNDS} times: none is refused, only those in flight fail, serving again in 1 s`, async () => {
    for (let count = 0; count < ROUNDS; count += 1) expectOnlyInFlight(await round(["gateway"]));
  });

  it("no line of output is lost or doubled, as control reads them", async () => {
    for (const place of ["terse/0", "terse/1"]) {
      const runs = checkNumberedLines(place, await linesOf(place, 100_000));
      expect(runs).toHaveLength(1);
      expect(runs[0]!.last).toBeGreaterThan(500);
    }
    for (const place of ["wordy/0", "wordy/1"]) {
      const fromCommand = await rig.flyball("logs", place, "--tail", "100000", "-o", "ndjson");
      const lines = fromCommand.stdout.trimEnd().split("\n");
      const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
      expect(checkNumberedLines(place, texts)).toHaveLength(1);
    }
  });

  it(`both at once, ${ROUNDS} times: the same, from the last snapshot`, async () => {
    // The keeper waits before it starts again what crashed again and again; a life of 10 s begins the count anew.
    await rig.until("the last crash is 10 s ago", () => performance.now() - lastKillAt > 10_500);
    for (let count = 0; count < ROUNDS; count += 1) expectOnlyInFlight(await round(["control", "gateway"]));
  });

  it("every exit code is in an incident and was told once, though control was dead when it happened", async () => {
    expect(codes).toHaveLength(3 * ROUNDS);
    const told = events.named("instance-exited").filter(({ instance }) => instance === "fragile/0");
    expect(told.map(({ exit }) => exit.code)).toEqual(codes);
    const incidents = (await rig.incidents()).filter(({ subject }) => subject.service === "fragile");
    const evidence = incidents.flatMap((incident) => incident.evidence.map(({ text }) => text)).join("\n");
    for (const code of codes) expect(evidence).toContain(`exited with code ${code}; last lines`);
    for (const code of codes) expect(evidence).toContain(`leaving with ${code}`);
  });

  it("nor in the log files, rotated ones included", async () => {
    await load.stop();
    expect((await rig.flyball("down")).code).toBe(0);
    for (const [service, filesAtLeast] of [
      ["terse", 1],
      ["wordy", 2],
    ] as const) {
      for (const ordinal of [0, 1]) {
        const { texts, files } = readLogFiles(rig.stateFolder(), service, ordinal);
        expect(files).toBeGreaterThanOrEqual(filesAtLeast);
        const [run, ...others] = checkNumberedLines(`${service}/${ordinal}`, texts);
        expect(others).toEqual([]);
        expect(run!.announced).toBe(run!.last);
      }
    }
  });

  async function linesOf(instance: string, tail: number): Promise<readonly string[]> {
    const texts: string[] = [];
    for await (const line of rig.client().logs({ service: instance.split("/")[0]!, instance, tail, follow: false }))
      texts.push(line.text);
    return texts;
  }
});

/** Nothing is refused, and who failed had a connection that died with the gateway. */
function expectOnlyInFlight({ records, goneAt }: Round): void {
  const failed = records.filter((record) => record.outcome !== "200");
  expect(failuresOf(failed)["ECONNREFUSED"]).toBeUndefined();
  expect(failed.filter(({ connectedAt }) => connectedAt === undefined || connectedAt > goneAt)).toEqual([]);
}
