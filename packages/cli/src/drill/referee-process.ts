// Forks the referee and hands on what it says. It is in a session of its own: Ctrl-C reaches only the command, which asks it to undo and end.
import { fork } from "node:child_process";
import type { ChangeQuestion, RefereeCall, RefereeOrder, RefereeWord } from "@flyball/drill";
import { entryPoint } from "../entry-points.ts";

/** How it ended. */
export type RefereeEnd = Extract<RefereeWord, { word: "end" }>["reason"] | "lost";

/** Runs the order; resolves when the referee is gone. An abort stops it after it has undone what it did. */
export function runRefereeProcess(
  order: RefereeOrder,
  options: {
    readonly onWord: (word: RefereeWord) => void;
    readonly onChange: (question: ChangeQuestion) => Promise<number>;
    readonly signal: AbortSignal;
  },
): Promise<RefereeEnd> {
  const { onWord, onChange, signal } = options;
  const [program = process.execPath, ...words] = entryPoint("referee");
  const file = words.pop() ?? "";
  return new Promise((resolve, reject) => {
    const child = fork(file, [], {
      execPath: program,
      execArgv: words,
      detached: true,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    let end: RefereeEnd = "lost";
    const tell = (call: RefereeCall): void => void (child.connected && child.send(call));
    const stop = (): void => tell({ call: "stop" });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    child.on("message", (message) => {
      const word = message as RefereeWord;
      if (word.word === "end") end = word.reason;
      if (word.word === "change") {
        onChange(word.question).then(
          (at) => tell({ call: "changed", at }),
          (error: Error) => tell({ call: "changed", at: 0, reason: error.message }),
        );
      }
      onWord(word);
    });
    child.once("error", reject);
    child.once("exit", () => {
      signal.removeEventListener("abort", stop);
      resolve(end);
    });
    tell({ call: "begin", order });
  });
}
