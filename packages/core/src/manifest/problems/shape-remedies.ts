// Remedies for shapes that are common elsewhere: a command as one text, ports as "8080:80", environment as a list. The message shows
// what to write instead, made of what was written.
import type { ManifestNode, ManifestPath } from "../source/manifest-node.ts";
import { fitsPattern } from "./refused-words.ts";

type Remedy = (node: ManifestNode) => string | undefined;

const REMEDIES: readonly { readonly pattern: readonly string[]; readonly remedy: Remedy }[] = [
  { pattern: ["services", "*", "command"], remedy: listForm },
  { pattern: ["services", "*", "healthcheck", "command"], remedy: listForm },
  { pattern: ["services", "*", "serve", "args"], remedy: listForm },
  { pattern: ["services", "*", "ports"], remedy: () => "write [{ name: http, port: 8080 }]" },
  { pattern: ["services", "*", "ports", "*"], remedy: portForm },
  { pattern: ["services", "*", "environment"], remedy: environmentForm },
  { pattern: ["services", "*", "environment", "*"], remedy: nullForm },
  { pattern: ["services", "*", "depends_on"], remedy: listOfOne },
  { pattern: ["services", "*", "depends_on", "*"], remedy: conditionForm },
  { pattern: ["services", "*", "depends_on", "*", "condition"], remedy: conditionForm },
  { pattern: ["services", "*", "restart"], remedy: restartForm },
  { pattern: ["services", "*", "scale"], remedy: scaleForm },
  { pattern: ["services", "*", "models"], remedy: listOfOne },
  { pattern: ["services", "*", "secrets"], remedy: listOfOne },
  { pattern: ["services", "*", "configs"], remedy: listOfOne },
  { pattern: ["services", "*", "profiles"], remedy: listOfOne },
  { pattern: ["services", "*", "volumes"], remedy: listOfOne },
  { pattern: ["services", "*", "healthcheck", "tcp"], remedy: () => "leave tcp out to have no tcp check" },
  { pattern: ["include"], remedy: listOfOne },
  { pattern: ["routes", "*", "methods", "*"], remedy: upperCase },
  { pattern: ["routes", "*", "methods"], remedy: listOfOne },
  { pattern: ["routes", "*", "hosts"], remedy: listOfOne },
];

/** `write [node, server.ts]`; undefined when there is nothing particular to say. */
export function shapeRemedy(path: ManifestPath, node: ManifestNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  return REMEDIES.find(({ pattern }) => fitsPattern(path, pattern))?.remedy(node);
}

function textOf(node: ManifestNode): string | undefined {
  return node.kind === "scalar" && node.value !== null ? String(node.value) : undefined;
}

function listForm(node: ManifestNode): string | undefined {
  const text = textOf(node);
  if (text === undefined || text.trim() === "" || text.length > 200) return undefined;
  if (/[|&;<>"'`$(){}*?\n]/.test(text.replaceAll(/\$\{[\w.-]+\}/g, "")))
    return `write it as a list; for a shell line [sh, -c, "…"]`;
  return `write [${text.trim().split(/\s+/).map(quoteItem).join(", ")}]`;
}

function quoteItem(item: string): string {
  return /^[A-Za-z./_-][A-Za-z0-9./_=@+-]*$/.test(item) ? item : JSON.stringify(item);
}

function listOfOne(node: ManifestNode): string | undefined {
  const text = textOf(node);
  return text === undefined || /[\s,]/.test(text) ? undefined : `write [${quoteItem(text)}]`;
}

function portForm(node: ManifestNode): string | undefined {
  const text = textOf(node);
  const match = text === undefined ? null : /^(?:(\d+(?:\.\d+){3}):)?(?:(\d+):)?(\d+)(?:\/(tcp|udp))?$/.exec(text);
  if (match === null) return "write { name: http, port: 8080 }";
  const [, , published, port, protocol] = match;
  if (protocol === "udp") return "udp is not supported";
  const name = protocol === "tcp" ? "name: tcp, protocol: tcp" : "name: http";
  return `write { ${name}, port: ${port ?? ""}${published === undefined ? "" : `, published: ${published}`} }`;
}

function environmentForm(node: ManifestNode): string | undefined {
  const first = node.kind === "list" ? node.items[0] : undefined;
  const text = first === undefined ? undefined : textOf(first);
  const match = text === undefined ? null : /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(text);
  return match === null ? "write NAME: value lines" : `write ${match[1] ?? ""}: … instead of - ${match[1] ?? ""}=…`;
}

function nullForm(node: ManifestNode): string | undefined {
  return node.kind === "scalar" && node.value === null
    ? 'write "" for an empty value, or NAME: "${NAME}" to pass one on'
    : undefined;
}

function conditionForm(node: ManifestNode): string | undefined {
  const text = textOf(node);
  if (text === "service_started") return "write started";
  if (text === "service_healthy" || text === "healthy") return "write ready";
  if (text === "service_completed_successfully") return "write completed";
  return undefined;
}

function restartForm(node: ManifestNode): string | undefined {
  const text = textOf(node);
  if (text === "unless-stopped") return "write always; what flyball down ended stays ended";
  if (text === "no" || text === "false") return "write never";
  return text?.startsWith("on-failure:") === true ? "write { policy: on-failure, crash_loop_after: 5 }" : undefined;
}

function scaleForm(node: ManifestNode): string | undefined {
  const text = textOf(node);
  return text !== undefined && /^\d+$/.test(text) ? `write replicas: ${text}, or { min: 1, max: ${text} }` : undefined;
}

function upperCase(node: ManifestNode): string | undefined {
  const text = textOf(node);
  return text !== undefined && /^[a-z]+$/.test(text) ? `write ${text.toUpperCase()}` : undefined;
}
