// Asks the process that forked the referee for changes of the app, one at a time.
import type { AppChange, ChangeMaker } from "./change-injector.ts";
import type { RefereeCall, RefereeWord } from "./referee-order.ts";

/** What is asked. */
export type ChangeQuestion =
  | { readonly do: "make"; readonly change: AppChange; readonly service: string; readonly leaseMs: number }
  | { readonly do: "undo" };

/** A maker behind a channel; `onCall` must be called with each `changed`. */
export function createRemoteChanges(send: (word: RefereeWord) => void): {
  readonly maker: ChangeMaker;
  onCall(call: Extract<RefereeCall, { readonly call: "changed" }>): void;
} {
  let answer: PromiseWithResolvers<number> | undefined;
  const ask = async (question: ChangeQuestion): Promise<number> => {
    await answer?.promise.catch(() => undefined);
    answer = Promise.withResolvers();
    send({ word: "change", question });
    return await answer.promise;
  };
  return {
    maker: {
      make: (change, { service, leaseMs }) => ask({ do: "make", change, service, leaseMs }),
      undo: async () => void (await ask({ do: "undo" })),
    },
    onCall({ at, reason }) {
      if (reason === undefined) answer?.resolve(at);
      else answer?.reject(new Error(reason));
    },
  };
}
