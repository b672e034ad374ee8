// A running app for tests of commands: a real keeper socket, a real control API with canned answers, the state folder that goes with
// them. No process is started.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Clock, type StateLayout, stateLayout } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { type KeeperHandlers, serveKeeper } from "@flyball/wire";
import { prepareStateFolder } from "../app/app-record.ts";
import { cloneOf } from "../app/locate-manifest.ts";
import { type CommandResult, runForTest } from "./run-for-test.ts";

/** `GET /v1/status` → its answer; a function writes the response itself. */
export type CannedAnswers = Readonly<Record<string, unknown>>;

/** A running fake. */
export interface FakeApp extends AsyncDisposable {
  readonly directory: string;
  readonly layout: StateLayout;
  /** `POST /v1/scale {"service":"api"}`, in the order in which they came; health checks are left out. */
  readonly asked: readonly string[];
  run(argv: readonly string[], environment?: Readonly<Record<string, string>>, clock?: Clock): Promise<CommandResult>;
}

/** Starts one; `manifest` stands as flyball.yaml in its folder. */
export async function startFakeApp(options: {
  readonly answers: CannedAnswers;
  readonly manifest?: string;
  readonly keeper?: Partial<KeeperHandlers>;
}): Promise<FakeApp> {
  const folder = await createTemporaryFolder();
  const manifestPath = await folder.write("flyball.yaml", options.manifest ?? "apiVersion: flyball/v1\nname: demo\n");
  const stateFolder = join(folder.path, "state");
  const clone = cloneOf(manifestPath, { environment: { FLYBALL_STATE: stateFolder }, home: "/" });
  const layout = stateLayout(stateFolder, "demo", clone);
  mkdirSync(layout.directory, { recursive: true });
  prepareStateFolder({ app: "demo", clone, manifestPath, layout, startedAt: 0 });
  writeFileSync(layout.tokenFile, "secret");
  const refuse = (): never => {
    throw new Error("the fake keeper does not do this");
  };
  const handlers = new Proxy({ ...options.keeper } as KeeperHandlers, {
    get: (known, name) => Reflect.get(known, name) ?? refuse,
  });
  const about = { app: "demo", clone, pid: 1, startedAt: 0, bootId: "", version: "1.2.3" };
  const keeper = await serveKeeper({ path: layout.keeperSocket, about, handlers, onOwner: () => undefined });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const call = `${request.method} ${request.url}`;
      if (call === "GET /v1/health") return answer(response, { status: "ok" });
      asked.push([call, ...pieces.map(String)].join(" "));
      if (request.headers.authorization !== "Bearer secret") return void response.writeHead(401).end();
      const canned = options.answers[call];
      if (typeof canned === "function") return (canned as (response: ServerResponse) => void)(response);
      if (canned === undefined) return void response.writeHead(500).end(`no answer for ${call}`);
      return answer(response, canned);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(layout.controlFile, JSON.stringify({ url: `http://127.0.0.1:${port}` }));
  return {
    directory: folder.path,
    layout,
    asked,
    run: (argv, environment = {}, clock) =>
      runForTest(argv, { directory: folder.path, environment, ...(clock === undefined ? {} : { clock }) }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await keeper.close();
      await folder.dispose();
    },
  };
}

function answer(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
