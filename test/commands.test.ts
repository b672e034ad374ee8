// The command line against a running app, as a person or a script meets it: what is printed, what is left, which exit code.
import { faultRecoveryTime, type AppStatus, type Incident, type InstanceStatus, type LogLine } from "@flyball/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf, jsonOf } from "./support/answer-of.ts";
import { followAppEvents, type AppEvents } from "./support/app-events.ts";
import { createAppRig, type AppRig, type CommandResult } from "./support/app-rig.ts";
import { followCommand } from "./support/follow-command.ts";
import { checkNumberedLines } from "./support/numbered-lines.ts";
import { serviceFiles } from "./support/service-files.ts";
import { failuresOf, startSteadyRequests } from "./support/steady-requests.ts";

const manifest = (label: string): string => `
name: desk
services:
  web:
    command: [node, web.mjs]
    replicas: 2
    ports: [{ name: http, published: 18640 }]
    environment: { VERSION: "\${VERSION:-1}", LABEL: "${label}" }
    healthcheck: { http: /health, interval: 200ms }
  numbers:
    command: [node, numbers.mjs]
    ports: []
    environment: { LINES_PER_SECOND: 50 }
`;

let rig: AppRig;
let events: AppEvents;

beforeAll(async () => {
  rig = await createAppRig({
    manifest: manifest("a"),
    files: serviceFiles("web.mjs", "numbers.mjs"),
    environment: { FLYBALL_GOOD_WINDOW_MS: "500" },
  });
  await rig.up();
  events = followAppEvents(rig.client());
});

afterAll(async () => {
  await events?.stop();
  await rig?.dispose();
});

async function succeeds(...args: readonly string[]): Promise<CommandResult> {
  const result = await rig.flyball(...args);
  expect(result.code, `${args.join(" ")}\n${result.stdout}\n${result.stderr}`).toBe(0);
  return result;
}

/** Of the instances that are not on their way out. */
async function pidsOf(service: string): Promise<readonly (number | null)[]> {
  return (await rig.instances(service)).filter(({ state }) => state === "ready").map(({ pid }) => pid);
}

/** Runs `change` under a light load on the web service; fails when a request fails. Answers what `change` did. */
async function withoutFailedRequest<T>(change: () => Promise<T>): Promise<T> {
  const load = startSteadyRequests({ url: `${await rig.url("web")}/?delay=5`, perSecond: 20 });
  const result = await change().finally(() => load.stop());
  expect(load.records.length).toBeGreaterThan(5);
  expect(failuresOf(load.records)).toEqual({});
  return result;
}

async function untilReady(description: string, isTrue: (status: AppStatus) => boolean): Promise<void> {
  await rig.until(description, async () => {
    const status = await rig.status();
    return status.state === "ready" && isTrue(status);
  });
}

describe("looking", () => {
  it("`ps -o json` and `-o ndjson` give the same stable fields", async () => {
    const instances = JSON.parse((await succeeds("ps", "-o", "json")).stdout) as InstanceStatus[];
    expect(instances.map(({ instance }) => instance).toSorted()).toEqual(["numbers/0", "web/0", "web/1"]);
    for (const instance of instances) {
      expect(instance).toMatchObject({ state: "ready", revision: 1, restarts: 0 });
      expect(Object.keys(instance)).toEqual(
        expect.arrayContaining(["service", "instance", "handle", "pid", "state", "port", "startedAt", "readyAt"]),
      );
      expect(typeof instance.pid).toBe("number");
    }
    const lines = (await succeeds("ps", "web", "-o", "ndjson")).stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as InstanceStatus).instance)).toEqual(["web/0", "web/1"]);
    expect((await succeeds("ps")).stdout).toMatch(/web\/0 +✓ ready +\d+ +\d+/);
  });

  it("`status -o json` gives the app with services, listeners and gateway", async () => {
    const status = JSON.parse((await succeeds("status", "-o", "json")).stdout) as AppStatus;
    expect(status).toMatchObject({
      app: "desk",
      target: "local",
      state: "ready",
      isPaused: false,
      manifestPath: rig.manifestPath,
      overrides: [],
    });
    expect(status.revision).toMatchObject({ number: 1, reason: "up" });
    expect(status.gateway).toMatchObject({ isConnected: true });
    expect(status.services.map(({ service, state, desired, ready }) => [service, state, desired, ready])).toEqual([
      ["numbers", "ready", 1, 1],
      ["web", "ready", 2, 2],
    ]);
    expect(status.listeners.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["public", "service"]));
  });

  it("`config --resolved` prints the manifest with its defaults, and that is a manifest again", async () => {
    const resolved = (await succeeds("config", "--resolved")).stdout;
    expect(resolved).toContain("stop_grace_period: 10s");
    await rig.folder.write("copy/flyball.yaml", resolved);
    expect((await rig.flyball("-f", `${rig.folder.path}/copy/flyball.yaml`, "config")).stdout).toContain("is valid");
  });
});

describe("changing", () => {
  it("`up` with a changed variable shows the plan and replaces only what changed, without a failed request", async () => {
    const [webBefore, numbersBefore] = [await pidsOf("web"), await pidsOf("numbers")];
    rig.environment["VERSION"] = "2";
    const up = await withoutFailedRequest(() => succeeds("up", "-d"));
    expect(up.stderr).toContain("Plan for revision 2");
    expect(up.stderr).toMatch(/~ web: replace/);
    expect(up.stderr).toContain('environment.VERSION: "1" → "2"');
    expect(up.stderr).not.toMatch(/[~+-] numbers/);
    expect(await pidsOf("numbers")).toEqual(numbersBefore);
    expect((await pidsOf("web")).some((pid) => webBefore.includes(pid))).toBe(false);
    expect((await succeeds("up", "-d")).stderr).toContain("nothing to do");
  });

  it("a changed file is taken up by itself, with the variables of the last `up`, without a failed request", async () => {
    const numbersBefore = await pidsOf("numbers");
    await withoutFailedRequest(async () => {
      await rig.folder.write("app/flyball.yaml", manifest("b"));
      await events.until("revision 3", (event) => event.event === "revision-reached" && event.revision === 3);
    });
    expect(events.named("revision-written").at(-1)).toMatchObject({ revision: 3, reason: "file changed" });
    expect(await pidsOf("numbers")).toEqual(numbersBefore);
    expect(await jsonOf(`${await rig.url("web")}/environment/LABEL`)).toEqual({ value: "b" });
    expect(await jsonOf(`${await rig.url("web")}/environment/VERSION`)).toEqual({ value: "2" });
  });

  it("a file with a mistake changes nothing and the mistake is told", async () => {
    const before = await pidsOf("web");
    await rig.folder.write("app/flyball.yaml", manifest("c").replace("replicas: 2", "replica: 2"));
    const refused = await events.until("the refusal", (event) => event.event === "manifest-refused");
    expect(JSON.stringify(refused)).toMatch(/flyball\.yaml:6:5.*replica.*replicas/);
    expect(await pidsOf("web")).toEqual(before);
    expect((await rig.status()).revision?.number).toBe(3);
    await rig.folder.write("app/flyball.yaml", manifest("b"));
  });

  it("`restart` replaces the instances start-first", async () => {
    const before = await pidsOf("web");
    await withoutFailedRequest(async () => {
      expect((await succeeds("restart", "web", "--reason", "a test")).stdout).toContain("web/0, web/1");
      await untilReady("both are new", ({ services }) => {
        const pids = services.find(({ service }) => service === "web")?.instances.map(({ pid }) => pid) ?? [];
        return pids.length === 2 && !pids.some((pid) => before.includes(pid));
      });
    });
  });

  it("`scale` goes up and down, and `up` names the override in force", async () => {
    await withoutFailedRequest(async () => {
      await succeeds("scale", "web", "3");
      await untilReady("three", ({ services }) =>
        services.some(({ service, ready }) => service === "web" && ready === 3),
      );
      const up = await succeeds("up", "-d");
      expect(up.stderr).toContain("services.web.replicas = 3");
      await succeeds("scale", "web=1");
      await untilReady("one", ({ services }) =>
        services.some(({ service, ready, instances }) => service === "web" && ready === 1 && instances.length === 1),
      );
      await succeeds("scale", "web", "2", "--reason", "as it was");
      await untilReady("two", ({ services }) =>
        services.some(({ service, ready }) => service === "web" && ready === 2),
      );
    });
    expect((await rig.status()).overrides).toMatchObject([
      { field: "services.web.replicas", value: 2, reason: "as it was" },
    ]);
  });

  it("`history`, `diff` and `rollback` go through the revisions", async () => {
    const history = JSON.parse((await succeeds("history", "-o", "json")).stdout) as {
      number: number;
      isCurrent: boolean;
      reason: string;
    }[];
    expect(history.map(({ number, isCurrent }) => [number, isCurrent])).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
    expect((await succeeds("diff", "1", "3")).stdout).toMatch(/environment\.LABEL: "a" → "b"/);
    const rollback = await withoutFailedRequest(async () => {
      const result = await succeeds("rollback", "2", "--reason", "b was wrong");
      await events.until("revision 4", (event) => event.event === "revision-reached" && event.revision === 4);
      return result;
    });
    expect(rollback.stdout).toMatch(/web: replace/);
    expect(await jsonOf(`${await rig.url("web")}/environment/LABEL`)).toEqual({ value: "a" });
    expect((await rig.status()).revision).toMatchObject({ number: 4, reason: "b was wrong" });
    expect((await succeeds("diff", "2", "4")).stdout).toContain("No differences");
  });
});

describe("watching and repairing", () => {
  it("`logs -f` goes on over a crash of the instance without a gap, and Ctrl-C ends it with 130", async () => {
    const [before] = await pidsOf("numbers");
    const follower = followCommand(rig.spawnFlyball("logs", "numbers", "-f", "--tail", "20", "-o", "ndjson"));
    const lines = (): readonly LogLine[] => follower.lines().map((line) => JSON.parse(line) as LogLine);
    await rig.until("lines come", () => lines().length > 60);
    process.kill(before!, "SIGKILL");
    await rig.until(
      "lines of the next life come",
      () => lines().filter(({ text }) => !text.startsWith(`${before} `)).length > 30,
    );
    expect(await follower.end("SIGINT")).toBe(130);
    const texts = lines().map(({ text }) => text);
    const own = texts.filter((text) => text.startsWith(`${before} `));
    const first = Number(own[0]?.split(" ")[1]);
    own.forEach((text, index) => expect(text).toBe(`${before} ${first + index} `));
    checkNumberedLines("numbers/0", texts.slice(own.length));
  });

  it("`pause` holds restarts back until `resume`", async () => {
    expect((await succeeds("pause", "web", "--for", "10m", "--reason", "looking")).stdout).toContain("paused");
    expect((await succeeds("status")).stdout).toContain("paused");
    await answerOf(`${await rig.url("web")}/exit?code=7`);
    const exited = await events.until(
      "the exit",
      (event) => event.event === "instance-exited" && event.exit.code === 7,
    );
    // The loop has acted since: a service that is not paused is started again.
    const [numbers] = await pidsOf("numbers");
    process.kill(numbers!, "SIGKILL");
    await rig.until("the other service is back", async () =>
      (await rig.instances("numbers")).some(({ pid, state }) => state === "ready" && pid !== numbers),
    );
    const paused = (await rig.status()).services.find(({ service }) => service === "web");
    expect(paused).toMatchObject({ state: "degraded", ready: 1, isPaused: true });
    expect((await rig.flyball("status")).code).toBe(3);
    await succeeds("resume", "web");
    await untilReady("two again", ({ services }) =>
      services.some(({ service, ready }) => service === "web" && ready === 2),
    );
    expect(events.all().some((event) => event.event === "override-dropped" && event.sequence > exited.sequence)).toBe(
      true,
    );
  });

  it("`incidents` lists what happened and `show` splits the FRT into detection and recovery", async () => {
    await rig.until("all have recovered", async () =>
      (await rig.incidents()).every(({ state }) => state === "recovered"),
    );
    const incidents = JSON.parse((await succeeds("incidents", "-o", "json")).stdout) as Incident[];
    const exit = incidents.find(({ summary }) => summary.includes("exited with code 7"));
    expect(exit).toMatchObject({
      class: "process-exit",
      subject: { service: "web" },
      goodWindowMs: 500,
      began: { source: "exit-event" },
    });
    const { detectionMs, recoveryMs, totalMs } = faultRecoveryTime(exit!);
    expect(detectionMs + recoveryMs!).toBe(totalMs);
    const shown = (await succeeds("incidents", "show", String(exit!.number))).stdout;
    for (const text of ["DETECTION", "RECOVERY", "FRT", "(window 500 ms)", "leaving with 7", "restart"])
      expect(shown).toContain(text);
    const text = (await succeeds("incidents")).stdout;
    expect(text).toContain("process exit");
  });

  it("`run` is a one-off in the service's environment: its output, its exit code, nothing left", async () => {
    const program = "console.log(process.env.LABEL, process.env.EXTRA, process.argv[1]); process.exit(9)";
    const result = await rig.flyball("run", "-e", "EXTRA=more", "web", "--", "node", "-e", program, "argument");
    expect(result.stdout).toBe("a more argument\n");
    expect(result.code).toBe(9);
    const long = await rig.flyball(
      "run",
      "web",
      "--",
      "node",
      "-e",
      "for (let n = 1; n <= 3000; n += 1) console.log(n)",
    );
    expect(long.stdout.trimEnd().split("\n")).toEqual(Array.from({ length: 3000 }, (_, index) => String(index + 1)));
    expect(long.code).toBe(0);
    expect((await rig.status()).services.map(({ service }) => service)).toEqual(["numbers", "web"]);
  });
});

describe("mistakes", () => {
  it("a bad manifest ends `up` with 2, file:line:column and the nearest key, and without a stack", async () => {
    const path = await rig.folder.write(
      "bad/flyball.yaml",
      "name: bad\nservices:\n  web:\n    comand: [node, web.mjs]\n",
    );
    for (const command of [["up", "-d"], ["config"]]) {
      const result = await rig.flyball("-f", path, ...command);
      expect(result.code).toBe(2);
      expect(result.stderr).toMatch(/flyball\.yaml:4:5/);
      expect(result.stderr).toContain("command");
      expect(result.stdout + result.stderr).not.toMatch(/^ +at /m);
    }
  });

  it("an unknown service, command, instance or revision is answered with what there is", async () => {
    const service = await rig.flyball("logs", "wbe");
    expect(service.code).toBe(2);
    expect(service.stderr).toContain("web");
    const command = await rig.flyball("stauts");
    expect(command.code).toBe(2);
    expect(command.stderr).toContain("flyball status");
    const instance = await rig.flyball("restart", "web/9");
    expect(instance.code).toBe(1);
    expect(instance.stderr).toContain("there is no instance web/9");
    const revision = await rig.flyball("rollback", "99");
    expect(revision.code).toBe(1);
    expect(revision.stderr).toContain("there is no revision 99");
    const scale = await rig.flyball("scale", "web", "many");
    expect(scale.code).toBe(2);
    for (const { stdout, stderr } of [service, command, instance, revision, scale])
      expect(stdout + stderr).not.toMatch(/^ +at /m);
  });

  it("`down` ends everything, and once more says that nothing ran", async () => {
    expect((await succeeds("down")).stdout).toMatch(/desk has ended/);
    expect(await rig.leftovers()).toEqual([]);
    expect((await succeeds("down")).stdout).toContain("Nothing was running");
    const status = await rig.flyball("status", "-o", "json");
    expect(status.code).toBe(1);
    expect(JSON.parse(status.stderr)).toMatchObject({ error: { code: "FB_CLI_NOT_RUNNING" } });
  });
});
