// Single fields of a compose service in our words. Compose knows several forms of each; all of them are read.
import type { FoundHealthcheck, FoundService } from "./found-service.ts";
import { splitCommand, withInstancePort } from "./split-command.ts";

/** A map of a YAML document. */
export type Tree = Readonly<Record<string, unknown>>;

/** A port of a compose service. */
export interface ComposePort {
  readonly protocol: "http" | "tcp";
  readonly target: number;
  readonly published?: number;
}

/** Databases and caches by their usual port; everything else is taken for http. */
const TCP_PORTS = new Set([1433, 1521, 3306, 5432, 5672, 6379, 9042, 9092, 11_211, 27_017]);

/** Entrypoint and command as one list; undefined when the service names neither. */
export function composeCommand(service: Tree): readonly string[] | undefined {
  const words = [...commandWords(service["entrypoint"]), ...commandWords(service["command"])];
  return words.length === 0 ? undefined : words;
}

function commandWords(value: unknown): readonly string[] {
  if (typeof value === "string") return splitCommand(value.replaceAll("$$", "$"));
  if (!Array.isArray(value)) return [];
  return value
    .filter((word) => typeof word === "string" || typeof word === "number")
    .map((word) => withInstancePort(String(word).replaceAll("$$", "$")));
}

/** `8080:80`, `127.0.0.1:8080:80/tcp`, `80`, 80 and the long form; only the first http port keeps that protocol, as the manifest wants it. */
export function composePorts(value: unknown): readonly ComposePort[] {
  if (!Array.isArray(value)) return [];
  let hasHttp = false;
  return value.flatMap((entry: unknown): readonly ComposePort[] => {
    const parsed = typeof entry === "object" && entry !== null ? longPort(entry as Tree) : shortPort(String(entry));
    if (parsed === undefined || (hasHttp && !TCP_PORTS.has(parsed.target))) return [];
    const protocol = TCP_PORTS.has(parsed.target) ? "tcp" : "http";
    hasHttp ||= protocol === "http";
    return [{ ...parsed, protocol }];
  });
}

function shortPort(text: string): Omit<ComposePort, "protocol"> | undefined {
  const match = /^(?:(?:\d+(?:\.\d+){3}|\[[^\]]*\]):)?(?:(\d+):)?(\d+)(?:\/(?:tcp|udp))?$/.exec(text);
  if (match === null || text.endsWith("/udp")) return undefined;
  return portOf(Number(match[2]), match[1] === undefined ? undefined : Number(match[1]));
}

function longPort(port: Tree): Omit<ComposePort, "protocol"> | undefined {
  if (port["protocol"] === "udp") return undefined;
  return portOf(Number(port["target"]), port["published"] === undefined ? undefined : Number(port["published"]));
}

function portOf(target: number, published: number | undefined): Omit<ComposePort, "protocol"> | undefined {
  const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65_535;
  if (!isPort(target)) return undefined;
  return published !== undefined && isPort(published) ? { target, published } : { target };
}

/** Both forms of `environment`. A host that is another service becomes its address, and a variable without a value may be empty. */
export function composeEnvironment(
  value: unknown,
  names: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const pairs: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((entry: unknown) => {
        const text = String(entry);
        const equals = text.indexOf("=");
        return equals < 0 ? [text, `\${${text}:-}`] : [text.slice(0, equals), text.slice(equals + 1)];
      })
    : Object.entries(typeof value === "object" && value !== null ? value : {});
  const isVariable = ([name]: readonly [string, unknown]): boolean =>
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) && !["PORT", "HOST"].includes(name);
  return Object.fromEntries(
    pairs.filter(isVariable).map(([name, text]) => [name, environmentValue(name, text, names)]),
  );
}

function environmentValue(name: string, value: unknown, names: ReadonlyMap<string, string>): string {
  if (value === null || value === undefined) return `\${${name}:-}`;
  const text = textOf(value)
    .replaceAll(/(?<!\$)\$(\w+)/g, "${$1:-}")
    .replaceAll(/(?<!\$)\$\{(\w+)(?::?\?[^}]*)?\}/g, "${$1:-}")
    .replaceAll(/(?<!\$)\$\{(\w+)-([^}]*)\}/g, "${$1:-$2}");
  return text.replaceAll(/(\/\/|@)([a-zA-Z][\w-]*):\d+/g, (whole, before: string, host: string) => {
    const service = names.get(host);
    return service === undefined ? whole : `${before}\${services.${service}.address}`;
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Both forms of `depends_on`. */
export function composeDependencies(
  value: unknown,
  names: ReadonlyMap<string, string>,
): NonNullable<FoundService["dependsOn"]> {
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((name: unknown) => [String(name), undefined])
    : Object.entries(typeof value === "object" && value !== null ? value : {});
  return entries.flatMap(([name, long]) => {
    const service = names.get(name);
    if (service === undefined) return [];
    return [{ service, condition: conditionOf((long as Tree | undefined)?.["condition"]) }];
  });
}

function conditionOf(condition: unknown): "started" | "ready" | "completed" {
  if (condition === "service_healthy") return "ready";
  if (condition === "service_completed_successfully") return "completed";
  return "started";
}

/** A health check by command; undefined when there is none or it is disabled. */
export function composeHealthcheck(value: unknown): FoundHealthcheck | undefined {
  const check = typeof value === "object" && value !== null ? (value as Tree) : undefined;
  const command = testCommand(check?.["test"]);
  if (check === undefined || command === undefined) return undefined;
  const intervalSeconds = seconds(check["interval"]);
  const timeoutSeconds = seconds(check["timeout"]);
  const startPeriodSeconds = seconds(check["start_period"]);
  const { retries } = check;
  return {
    command,
    ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(startPeriodSeconds === undefined ? {} : { startPeriodSeconds }),
    ...(typeof retries === "number" && retries >= 1 ? { retries } : {}),
  };
}

function testCommand(test: unknown): readonly string[] | undefined {
  const escape = (text: string): string => text.replaceAll("$$", "$").replaceAll("$", "$$$$");
  if (typeof test === "string") return ["sh", "-c", escape(test)];
  if (!Array.isArray(test)) return undefined;
  const [kind, ...words] = test.map(String);
  if (kind === "CMD" && words.length > 0) return words.map(escape);
  if (kind === "CMD-SHELL" && words[0] !== undefined) return ["sh", "-c", escape(words[0])];
  return undefined;
}

/** `1m30s` → 90. */
function seconds(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const units: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3_600 };
  const parts = [...value.matchAll(/([\d.]+)(us|ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
  return parts.length > 0 && total > 0 ? total : undefined;
}
