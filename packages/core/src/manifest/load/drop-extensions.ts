// Keys that begin with `x-` hold YAML anchors. They are allowed at the top and in services, and mean nothing.
import { nodeAt, withEntry, type ManifestNode, type MapEntry, type MapNode } from "../source/manifest-node.ts";

/** The manifest without them. */
export function dropExtensions(root: ManifestNode): ManifestNode {
  if (root.kind !== "map") return root;
  const top = withoutExtensions(root);
  const services = nodeAt(top, ["services"]);
  const keyAt = top.entries.get("services")?.keyAt;
  if (services?.kind !== "map" || keyAt === undefined) return top;
  const entries = new Map<string, MapEntry>();
  for (const [name, entry] of services.entries) {
    entries.set(name, entry.value.kind === "map" ? { ...entry, value: withoutExtensions(entry.value) } : entry);
  }
  return withEntry(top, "services", { keyAt, value: { ...services, entries } });
}

function withoutExtensions(map: MapNode): MapNode {
  return { ...map, entries: new Map([...map.entries].filter(([key]) => !key.startsWith("x-"))) };
}
