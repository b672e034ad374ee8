// Code inside a Node process of ours, through the inspector that SIGUSR1 opens on loopback. It is closed again at once: whoever reaches it
// could do anything there.
import type { Injection } from "../fault.ts";
import { InjectionRefused } from "../injector-reason.ts";
import type { InjectionOrder, Injector } from "../injector.ts";
import { sleep, type Clock } from "@flyball/core";
import { injectFailed } from "./hold-lease.ts";
import { openInspector, type InspectorSession } from "./inspector-session.ts";
import { isProcessAlive } from "@flyball/wire";

/** Until the code runs, so that the inspector has answered and is closed before. */
const LATER_MS = 200;

type InsideInjection = Extract<Injection, { readonly kind: "inside" }>;

/** It ends by itself (`block`) or with the thread, so there is nothing to undo. */
export function createInsideInjector({ clock }: { readonly clock: Clock }): Injector {
  return {
    kind: "inside",
    whyNot: async (_order, { processes, service }) =>
      processes.length === 0 ? { code: "no-process", service } : undefined,
    async inject(order, { processes, service }, signal) {
      const [victim] = processes;
      try {
        if (!victim || !isProcessAlive(victim)) throw new InjectionRefused({ code: "process-gone", service });
        const session = await openInspector(victim.pid, signal);
        let injectedAt: number;
        try {
          await run(session, order);
          injectedAt = clock.now() + LATER_MS;
        } finally {
          await session.close();
        }
        await sleep(clock, Math.max(0, injectedAt - clock.now()));
        return { injectedAt, undo: () => Promise.resolve() };
      } catch (error) {
        throw injectFailed(order, error);
      }
    },
  };
}

async function run(session: InspectorSession, order: InjectionOrder): Promise<void> {
  const { thread, what, blockMs = 0 } = order.injection as InsideInjection;
  const code = codeFor(what, Math.min(blockMs, order.leaseMs));
  if (thread === "main") await session.evaluate(code);
  else await session.evaluateInWorker(code);
}

function codeFor(what: InsideInjection["what"], blockMs: number): string {
  const later = (body: string): string => `void setTimeout(() => { ${body} }, ${LATER_MS})`;
  switch (what) {
    case "throw":
      return later(`throw new Error("a drill")`);
    case "exhaust-heap":
      // Piece by piece, so that the thread still answers while its heap fills.
      return later(
        `const held = []; const fill = () => { held.push(Array.from({ length: 50000 }, (_, index) => ({ index }))); setImmediate(fill); }; fill();`,
      );
    case "block":
      return later(`const end = performance.now() + ${blockMs}; while (performance.now() < end);`);
  }
}
