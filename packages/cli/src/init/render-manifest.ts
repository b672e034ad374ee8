// Writes a manifest by hand instead of through a YAML library, because its comments are half of its worth.
import { type LocalText, translateText } from "../messages/localised-error.ts";
import type { Translate } from "../messages/translate.ts";
import type { FoundPort, FoundService, FoundServices } from "./found-service.ts";
import { yamlList, yamlText } from "./yaml-text.ts";

const FIRST_PUBLISHED_PORT = 8080;

const MODEL_EXAMPLE = `
models:
  chat:
    backends:
      - { provider: openai, model: gpt-4o-mini, api_key: "\${secrets.openai}" }
secrets:
  openai: { env: OPENAI_API_KEY }`;

/** The text of flyball.yaml. */
export function renderManifest(name: string, found: FoundServices, translate: Translate): string {
  const comment = (text: LocalText, indent: string): string => `${indent}# ${translateText(text, translate)}`;
  const entrance = entranceOf(found.services);
  const services = found.services.map((service) => renderService(service, service === entrance, comment).join("\n"));
  const head = translate("init.head")
    .split("\n")
    .map((line) => `# ${line}`);
  const tail = `${translate("init.tail")}\n${MODEL_EXAMPLE}`
    .split("\n")
    .map((line) => (line === "" ? "#" : `# ${line}`));
  const remarks = found.comments.map((text) => comment(text, ""));
  return [
    ...head,
    ...remarks,
    "apiVersion: flyball/v1",
    `name: ${name}`,
    "",
    "services:",
    services.join("\n\n"),
    "",
    ...tail,
    "",
  ].join("\n");
}

/** The service that gets a public port when none has one: `web`, else the first that listens on http. */
function entranceOf(services: readonly FoundService[]): FoundService | undefined {
  const isPublished = services.some((service) =>
    service.ports?.some((port) => port.protocol === "http" && port.published !== undefined),
  );
  if (isPublished) return undefined;
  const candidates = services.filter(
    (service) => service.kind === undefined && service.external === undefined && hasHttpPort(service),
  );
  return candidates.find((service) => service.name === "web") ?? candidates[0];
}

function hasHttpPort(service: FoundService): boolean {
  return service.ports === undefined || service.ports.some((port) => port.protocol === "http");
}

function renderService(
  service: FoundService,
  isEntrance: boolean,
  comment: (text: LocalText, indent: string) => string,
): readonly string[] {
  const lines = [...service.comments.map((text) => comment(text, "  ")), `  ${service.name}:`];
  const add = (line: string): number => lines.push(`    ${line}`);
  if (service.external !== undefined) {
    add(`external: ${service.external}`);
    return lines;
  }
  if (service.kind !== undefined) add(`kind: ${service.kind}`);
  if (service.command !== undefined) add(`command: ${yamlList(service.command)}`);
  if (service.workingDirectory !== undefined) add(`working_dir: ${yamlText(service.workingDirectory)}`);
  if (service.envFiles !== undefined) add(`env_file: ${yamlList(service.envFiles)}`);
  if (service.environment !== undefined) {
    add("environment:");
    for (const [name, value] of Object.entries(service.environment)) add(`  ${name}: ${yamlText(value)}`);
  }
  const ports = portsOf(service, isEntrance);
  if (ports !== undefined) add(ports.length === 0 ? "ports: []" : `ports: [${ports.join(", ")}]`);
  if (service.dependsOn !== undefined)
    add(`depends_on: { ${service.dependsOn.map((edge) => `${edge.service}: ${edge.condition}`).join(", ")} }`);
  if (service.healthcheck !== undefined) for (const line of renderHealthcheck(service.healthcheck)) add(line);
  if (service.replicas !== undefined) add(`replicas: ${service.replicas}`);
  if (service.restart !== undefined) add(`restart: ${service.restart}`);
  if (service.profiles !== undefined) add(`profiles: ${yamlList(service.profiles)}`);
  return lines;
}

function portsOf(service: FoundService, isEntrance: boolean): readonly string[] | undefined {
  if (service.kind === "job") return undefined;
  if (service.ports === undefined && !isEntrance) return undefined;
  const ports: readonly FoundPort[] = service.ports ?? [{ protocol: "http" }];
  const first = ports.find((port) => port.protocol === "http");
  return ports.map((port) => {
    const published = isEntrance && port === first ? FIRST_PUBLISHED_PORT : port.published;
    const name = port === first ? "http" : `${port.protocol}${port.port === undefined ? "" : `-${port.port}`}`;
    const protocol = port.protocol === "tcp" ? ", protocol: tcp" : "";
    const own = port.port === undefined || port.port === published ? "" : `, port: ${port.port}`;
    return `{ name: ${name}${protocol}${own}${published === undefined ? "" : `, published: ${published}`} }`;
  });
}

function renderHealthcheck(check: NonNullable<FoundService["healthcheck"]>): readonly string[] {
  const duration = (seconds: number): string =>
    Number.isInteger(seconds) ? `${seconds}s` : `${Math.max(1, Math.round(seconds * 1_000))}ms`;
  return [
    "healthcheck:",
    `  command: ${yamlList(check.command)}`,
    ...(check.intervalSeconds === undefined ? [] : [`  interval: ${duration(check.intervalSeconds)}`]),
    ...(check.timeoutSeconds === undefined ? [] : [`  timeout: ${duration(check.timeoutSeconds)}`]),
    ...(check.startPeriodSeconds === undefined ? [] : [`  start_period: ${duration(check.startPeriodSeconds)}`]),
    ...(check.retries === undefined ? [] : [`  retries: ${check.retries}`]),
  ];
}
