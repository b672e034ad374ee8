// Takes back what a person has set: the number of instances is again what the manifest says, or what the load asks for.
import type { ControlContext } from "../control-context.ts";
import { replicasField } from "../desired/effective-spec.ts";
import { dropOverrides } from "../desired/override-book.ts";
import { composeText } from "../texts/compose-text.ts";
import { SCALING_ACTOR } from "./scale-services.ts";

/** Drops the override of the service's number of instances, unless scaling itself wrote it. */
export function followManifest(
  context: ControlContext,
  wish: { readonly service: string; readonly actor: string },
): { readonly removed: number } {
  const field = replicasField(wish.service);
  const set = context.state.overrides.filter((one) => one.field === field && one.actor !== SCALING_ACTOR);
  const reason = composeText("scale.automatic");
  dropOverrides(
    context,
    set.map((override) => ({ override, reason })),
    wish.actor,
  );
  return { removed: set.length };
}
