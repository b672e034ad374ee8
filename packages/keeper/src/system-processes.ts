// Keeps control and the gateway alive, and replaces one by a second that takes over once it serves. A crash is answered at once; only who
// crashes within 3 s, again and again, waits. A second that never becomes ready leaves the first in its place.
import { FlyballError, type Clock, type ExitStatus } from "@flyball/core";
import type { Child, KeeperEvent, SystemProcess, SystemProcessRequest } from "@flyball/wire";

type SystemName = SystemProcess["name"];

const STEADY_LIFE_MS = 3_000;
const MAX_TAKEOVER_ATTEMPTS = 3;
const TAKEOVER_LIMIT_MS = 60_000;

/** How long to wait after so many short lives in a row: 0, 100, 200, 400 … 2,000 ms. */
export function restartDelayMs(shortLives: number): number {
  return shortLives <= 1 ? 0 : Math.min(2_000, 100 * 2 ** (shortLives - 2));
}

/** Control and gateways. */
export interface SystemProcesses {
  /** Resolves once the first is started, or a second has taken over; FB_KEEPER_SYSTEM when that fails. */
  start(request: SystemProcessRequest): Promise<{ generation: number }>;
  ready(name: SystemName, generation: number): void;
  list(): SystemProcess[];
  /** No restarts from now on; SIGTERM to those of the name. Resolves at their exit; undefined: none ran. */
  end(name?: SystemName): Promise<unknown> | undefined;
}

interface Member {
  readonly request: SystemProcessRequest;
  readonly takeover: PromiseWithResolvers<void>;
  role: "serving" | "successor" | "retiring";
  view: SystemProcess;
  child?: Child | undefined;
  shortLives: number;
  isLate: boolean;
}

/** Creates an empty set. `startGeneration` starts one process, `publish` tells those who watch. */
export function createSystemProcesses(options: {
  readonly clock: Clock;
  readonly startGeneration: (request: SystemProcessRequest, generation: number) => Promise<Child>;
  readonly publish: (event: KeeperEvent) => void;
  readonly log: (text: string) => void;
}): SystemProcesses {
  const { clock, startGeneration, publish, log } = options;
  const members = new Set<Member>();
  const generations = { control: 0, gateway: 0 };
  let isEnding = false;
  const find = (name: SystemName, role: Member["role"]): Member | undefined =>
    [...members].find((member) => member.view.name === name && member.role === role);
  const failure = (name: SystemName, reason: string): FlyballError => {
    log(`${name} is not replaced: ${reason}`);
    return new FlyballError("FB_KEEPER_SYSTEM", { name, reason });
  };
  const update = (member: Member, change: Partial<SystemProcess>): void => {
    member.view = { ...member.view, ...change };
    publish({ event: "system-changed", data: member.view });
  };
  const launch = async (member: Member): Promise<void> => {
    const generation = (generations[member.view.name] += 1);
    member.child = await startGeneration(member.request, generation);
    const { identity, startedAt, exited } = member.child;
    update(member, { generation, pid: identity.pid, state: "starting" });
    void exited.then((exit) => onExit(member, exit, exit.at - startedAt));
  };
  const relaunch = async (member: Member): Promise<void> => {
    if (isEnding || member.role === "retiring") return;
    update(member, { restarts: member.view.restarts + 1 });
    await launch(member).catch((error: Error) => {
      log(`${member.view.name} cannot be started: ${error.message}`);
      onExit(member, { code: null, signal: null, at: clock.now() }, 0);
    });
  };
  const onExit = (member: Member, exit: Omit<ExitStatus, "wasRequested">, lifeMs: number): void => {
    const { name, generation, restarts } = member.view;
    const wasRequested = isEnding || member.role === "retiring";
    log(`${name} ${generation} exited: ${exit.signal ?? exit.code}, as asked: ${wasRequested}`);
    member.child = undefined;
    member.shortLives = lifeMs >= STEADY_LIFE_MS ? 0 : member.shortLives + 1;
    const successor = find(name, "successor");
    const isGivenUp = successor === member && (member.isLate || restarts + 1 >= MAX_TAKEOVER_ATTEMPTS);
    const isReplaced = successor !== undefined && successor !== member;
    const isOver = wasRequested || isGivenUp || isReplaced;
    update(member, { state: isOver ? "exited" : "waiting-to-restart", lastExit: { ...exit, wasRequested } });
    if (!isOver) clock.after(restartDelayMs(member.shortLives), () => void relaunch(member));
    else members.delete(member);
    if (isReplaced && !wasRequested) takeOver(successor);
    if (isGivenUp) member.takeover.reject(failure(name, member.isLate ? "it took too long" : "it exited three times"));
  };
  const takeOver = (successor: Member): void => {
    const first = find(successor.view.name, "serving");
    successor.role = "serving";
    successor.takeover.resolve();
    if (!first) return;
    first.role = "retiring";
    const isDraining = first.child?.signal("SIGTERM", "process") ?? false;
    update(first, { state: isDraining ? "draining" : "exited" });
    if (!isDraining) members.delete(first);
  };
  return {
    async start(request) {
      const { name } = request;
      if (find(name, "successor")) throw failure(name, "another one is taking over");
      const role = find(name, "serving") ? "successor" : "serving";
      const view: SystemProcess = { name, generation: 0, pid: 0, state: "starting", restarts: 0 };
      const takeover = Promise.withResolvers<void>();
      const member: Member = { view, role, request, takeover, shortLives: 0, isLate: false };
      members.add(member);
      await launch(member).catch((error: unknown) => {
        members.delete(member);
        throw error;
      });
      if (role === "successor") {
        const cancelLimit = clock.after(TAKEOVER_LIMIT_MS, () => {
          member.isLate = true;
          member.child?.signal("SIGKILL", "group");
        });
        await takeover.promise.finally(cancelLimit);
      }
      return { generation: member.view.generation };
    },
    ready(name, generation) {
      const member = [...members].find(({ view }) => view.name === name && view.generation === generation);
      if (!member?.child) throw new FlyballError("FB_KEEPER_UNKNOWN", { what: name, name: generation });
      if (member.view.state !== "starting") return;
      update(member, { state: "ready" });
      if (member.role === "successor") takeOver(member);
    },
    list: () => [...members].map(({ view }) => view),
    end(name) {
      isEnding = true;
      const ending = [...members].filter(({ child, view }) => child && (!name || view.name === name));
      for (const { child } of ending) child?.signal("SIGTERM", "process");
      return ending.length > 0 ? Promise.all(ending.flatMap(({ child }) => child?.exited ?? [])) : undefined;
    },
  };
}
