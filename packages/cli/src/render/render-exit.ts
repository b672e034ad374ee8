// How a process ended, in words.
import type { ExitStatus } from "@flyball/core";
import type { Translate } from "../messages/translate.ts";

/** `exit code 1`, `signal SIGKILL`. */
export function renderExit(exit: ExitStatus, translate: Translate): string {
  if (exit.signal !== null) return translate("exit.signal", { signal: exit.signal });
  return translate("exit.code", { code: exit.code ?? "?" });
}
