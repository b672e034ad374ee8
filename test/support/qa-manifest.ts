// The manifest of examples/qa as a rig's own: the same text, with the paths of the programs made absolute. A copy is another clone, so
// tests and a person who runs the example do not meet.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./app-rig.ts";

const EXAMPLE = join(CHECKOUT, "examples", "qa");

/** The text for `createAppRig`. */
export function qaManifest(): string {
  const text = readFileSync(join(EXAMPLE, "flyball.yaml"), "utf8");
  const moved = text.replaceAll("[node, services/", `[node, ${EXAMPLE}/services/`);
  if (moved === text) throw new Error("examples/qa/flyball.yaml names no program under services/");
  return moved;
}
