import { createFakeClock, createTemporaryFolder } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { expect, it } from "vitest";
import type { ToWorker } from "../worker/worker-messages.ts";
import { createLearningKeeper } from "./learning-keeper.ts";

it("tells a worker that begins to serve how long answers usually let wait, also after a restart of the gateway", async () => {
  await using folder = await createTemporaryFolder();
  const sent: (readonly [number, ToWorker])[] = [];
  const clock = createFakeClock();
  const begin = () =>
    createLearningKeeper({
      folder: folder.path,
      workers: 2,
      scrapesEngines: false,
      clock,
      logger: createLogger({ clock, level: "error", write: () => undefined }),
      send: (worker, message) => void sent.push([worker, message]),
      activeAt: () => 0,
      isSilent: () => false,
      othersActive: () => 0,
      isQueued: () => false,
      onEngine: () => undefined,
      onLimits: () => undefined,
    });
  const learned = [{ kind: "plain", name: "/search", firstByteMs: 1_400, silenceMs: undefined }] as const;
  const keeper = begin();
  keeper.onServing(0);
  expect(sent).toEqual([]);
  keeper.onUsual({ type: "usual", pools: [{ pool: "api", learned }] });
  await keeper.stop();
  const next = begin();
  next.onServing(1);
  expect(sent).toMatchObject([[1, { type: "usual", pools: [{ pool: "api", learned: [{ firstByteMs: 1_400 }] }] }]]);
  await next.stop();
});
