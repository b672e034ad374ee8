// The state of an instance, service or app as glyph, word and colour. The glyphs take one column in every locale.
import { type AppStatus, assertNever, type LifecycleState } from "@flyball/core";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";

/** Every state that users read. */
export type ShownState = LifecycleState | AppStatus["state"];

/** `✓ ready`, coloured where colour is allowed. */
export function stateWord(state: ShownState, translate: Translate, style: Style): string {
  const text = `${glyphOf(state)} ${translate(`state.${state}`)}`;
  return colourOf(state, style)(text);
}

function glyphOf(state: ShownState): string {
  switch (state) {
    case "ready":
    case "completed":
      return "✓";
    case "pending":
    case "starting":
      return "◌";
    case "degraded":
    case "no-room":
      return "!";
    case "unhealthy":
    case "crash-loop":
    case "failed":
      return "✗";
    case "draining":
    case "stopping":
      return "~";
    case "stopped":
      return "-";
    default:
      return assertNever(state);
  }
}

function colourOf(state: ShownState, style: Style): (text: string) => string {
  switch (glyphOf(state)) {
    case "✓":
      return style.green;
    case "!":
      return style.yellow;
    case "✗":
      return style.red;
    default:
      return style.dim;
  }
}
