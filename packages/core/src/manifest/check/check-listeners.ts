// CORS policies: what the schema alone cannot see. A page of any origin that may send the user's cookies can do whatever the user can.
import type { CheckContext } from "./check-context.ts";

/** Checks the CORS policy of each listener. */
export function checkListeners(context: CheckContext): void {
  for (const [name, { cors }] of Object.entries(context.input.gateway?.listeners ?? {})) {
    if (cors === undefined) continue;
    const path = ["gateway", "listeners", name, "cors"];
    const isEveryOrigin = cors.origins.includes("*");
    if (isEveryOrigin && cors.credentials) {
      const message = "credentials: true with the origin * would let every page act as the user; name the origins";
      context.report({ path: [...path, "credentials"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
    }
    if (isEveryOrigin && cors.origins.length > 1) {
      const message = "* stands for every origin; remove the others, or remove *";
      context.report({ path: [...path, "origins"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
    }
  }
}
