// What the gateway would not serve, in the form of an error: what and why, one thing to try, the code. The old snapshot goes on, so this
// stands beside states that look well.
import { FlyballError, type SnapshotRefusal } from "@flyball/core";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";

/** Three lines; the first begins with the sign of a failure. */
export function renderRefusal(refusal: SnapshotRefusal, translate: Translate, style: Style): string {
  const { code, revision, reason, remedy } = refusal;
  const values = { revision, reason };
  const message = translate.composed({ key: `message.${code}`, values });
  const hint = translate.composed({ key: `hint.${code}`, values }) ?? remedy;
  return [
    style.red(`✗ ${message ?? new FlyballError(code, values).message}`),
    `  ${hint}`,
    style.dim(`  ${code}`),
  ].join("\n");
}
