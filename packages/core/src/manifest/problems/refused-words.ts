// Words of compose and its relatives that people paste. Each is refused by name with our word or the reason, because a key that is
// silently ignored is worse than an error.
import type { ManifestPath } from "../source/manifest-node.ts";

const TOP: Readonly<Record<string, string>> = {
  version: "is not needed; remove it, or write apiVersion: flyball/v1",
  networks: "do not exist here; services reach one another through FLYBALL_<SERVICE>_URL",
  profiles: "belong to a service: services.<name>.profiles",
  environments: "are called targets here: targets.<name>.overlay",
  env: "is called environment and belongs to a service",
  recovery: "is called healing here",
  policies: "are not in this version; timeouts and retries belong to services and routes",
  releases: "are not in this version",
  alerts: "are not in this version",
};

const SERVICE: Readonly<Record<string, string>> = {
  args: "do not exist apart; write the program and its arguments in command",
  attach: "does not exist; flyball logs shows every service",
  autoscale: "is called scale here: scale: { min: 1, max: 5 }",
  autoscaling: "is called scale here: scale: { min: 1, max: 5 }",
  cap_add: "is not supported; an instance has the rights of the user who runs Flyball",
  cap_drop: "is not supported; an instance has the rights of the user who runs Flyball",
  cmd: "is called command here",
  container_name: "is not supported; instances are named <service>/<number>",
  cpus: "belongs into resources: { limits: { cpus: 2 } }",
  deploy: "is not used; its parts are replicas, resources and restart of the service",
  depends: "is called depends_on here",
  develop: "is not used; a changed manifest is taken over by itself",
  devices: "are not supported",
  dns: "is not supported",
  domainname: "is not supported",
  entrypoint: "does not exist apart; write the whole program in command",
  env: "is called environment here",
  env_vars: "is called environment here",
  expose: "is not needed; list the port in ports without published",
  extends: "is not supported; use a YAML anchor or include",
  extra_hosts: "are not supported",
  gpus: "belongs into resources: { reservations: { gpus: 1 } }",
  health_check: "is called healthcheck here",
  hostname: "is not supported; use FLYBALL_<SERVICE>_URL or ${services.x.address}",
  init: "is not needed; whatever an instance leaves behind is swept",
  ipc: "is not supported",
  links: "are not supported; use depends_on and FLYBALL_<SERVICE>_URL",
  logging: "is not supported; output is kept and shown by flyball logs",
  mem_limit: "belongs into resources: { limits: { memory: 512MiB } }",
  memory: "belongs into resources: { limits: { memory: 512MiB } }",
  network_mode: "is not supported",
  networks: "do not exist here; services reach one another through FLYBALL_<SERVICE>_URL",
  pid: "is not supported",
  platform: "is not supported",
  privileged: "is not supported; an instance has the rights of the user who runs Flyball",
  published: "belongs to a port: ports: [{ name: http, published: 8080 }]",
  pull_policy: "is not supported",
  read_only: "is not supported",
  security_opt: "is not supported",
  shm_size: "is not supported",
  start_period: "belongs to healthcheck",
  stdin_open: "is not supported; use flyball run",
  stop_timeout: "is called stop_grace_period here",
  sysctls: "are not supported",
  tmpfs: "is not supported; use volumes",
  tty: "is not supported; use flyball run",
  ulimits: "are not supported",
  user: "is not supported; an instance runs as the user who runs Flyball",
};

const RESOURCES: Readonly<Record<string, string>> = {
  requests: "is called reservations here",
  gpus: "belongs into reservations: { gpus: 1 }",
  cpus: "belongs into limits: { cpus: 2 } or reservations: { cpus: 2 }",
  memory: "belongs into limits: { memory: 512MiB } or reservations: { memory: 512MiB }",
};

const RESERVATIONS: Readonly<Record<string, string>> = {
  devices: "are not used; whole GPUs are reserved with gpus: 1",
  generic_resources: "are not used; whole GPUs are reserved with gpus: 1",
  gpu: "is called gpus here",
  cpu: "is called cpus here",
  mem: "is called memory here",
};

const LIMITS: Readonly<Record<string, string>> = {
  gpus: "belongs into reservations: { gpus: 1 }",
  pids: "is not supported",
  cpu: "is called cpus here",
  mem: "is called memory here",
};

const SCALE: Readonly<Record<string, string>> = {
  minReplicas: "is called min here",
  maxReplicas: "is called max here",
  metric: "does not exist; scale follows the load of the pool",
  metrics: "do not exist; scale follows the load of the pool",
  cooldown: "is called down_after here",
  cooldownPeriod: "is called down_after here",
};

const HEALING: Readonly<Record<string, string>> = {
  actions: "is called act here",
  allow: "is called act here",
  max_per_hour: "is called most_per_hour here",
  maintenance: "is called windows here",
};

const SERVICE_HEALING: Readonly<Record<string, string>> = {
  most_per_hour: "holds for the whole app: healing: { most_per_hour: 20 }",
  windows: "hold for the whole app: healing: { windows: […] }",
};

const SCHEDULE: Readonly<Record<string, string>> = {
  policy: "is called order here: srtf, boost or arrival",
  weights: "are called classes here; the weight of a tenant is tenants.<name>.weight",
  priority: "is said where a request comes from: tenants.<name>.priority or routes[].priority",
  affinity: "is called prefix_affinity here",
  cache_threshold: "is called prefix_threshold here",
  gpu_memory_utilization: "is called kv_utilization here",
  headroom: "is what kv_utilization leaves: kv_utilization: 0.95",
  max_total_tokens: "is called kv_tokens here",
  slow_start_window: "is called slow_start here",
  balance: "belongs to the service itself, beside schedule",
  max_wait: "belongs to the service itself, beside schedule",
  concurrency: "belongs to the service itself, beside schedule",
};

const CLASSES: Readonly<Record<string, string>> = {
  realtime: "is called high here",
  interactive: "is called normal here",
  default: "is called normal here",
  batch: "is called low here",
  bulk: "is called low here",
};

const MODEL: Readonly<Record<string, string>> = {
  schedule: "belongs to the service that serves the model: services.<name>.schedule",
};

const TENANT: Readonly<Record<string, string>> = {
  share: "is called weight here",
  schedule: "belongs to a service; the weight of a tenant is tenants.<name>.weight",
};

const HEALTHCHECK: Readonly<Record<string, string>> = {
  test: "is called command here, a list without CMD; or use http: /path",
  start_interval: "is not supported; interval holds from the start",
  disable: "is not used; leave healthcheck out",
};

const PORT: Readonly<Record<string, string>> = {
  target: "is called port here",
  mode: "is not supported",
  app_protocol: "is called protocol here: http or tcp",
  host_ip: "is called host here",
};

const BUILD: Readonly<Record<string, string>> = {
  args: "is not in this version",
  target: "is not in this version",
  platforms: "is not in this version",
  secrets: "is not in this version",
};

const SECRET: Readonly<Record<string, string>> = {
  environment: "is called env here",
  external: "is not used; write env or file",
  value: "is refused: a secret's value never stands in this file; write env or file",
};

const VOLUME: Readonly<Record<string, string>> = {
  driver: "is not in this version; a volume is {}",
  external: "is not in this version; a volume is {}",
};

const TABLES: readonly { readonly pattern: readonly string[]; readonly words: Readonly<Record<string, string>> }[] = [
  { pattern: [], words: TOP },
  { pattern: ["services", "*"], words: SERVICE },
  { pattern: ["services", "*", "healthcheck"], words: HEALTHCHECK },
  { pattern: ["services", "*", "resources"], words: RESOURCES },
  { pattern: ["services", "*", "resources", "reservations"], words: RESERVATIONS },
  { pattern: ["services", "*", "resources", "limits"], words: LIMITS },
  { pattern: ["services", "*", "scale"], words: SCALE },
  { pattern: ["healing"], words: HEALING },
  { pattern: ["services", "*", "healing"], words: { ...HEALING, ...SERVICE_HEALING } },
  { pattern: ["services", "*", "schedule"], words: SCHEDULE },
  { pattern: ["services", "*", "schedule", "classes"], words: CLASSES },
  { pattern: ["models", "*"], words: MODEL },
  { pattern: ["tenants", "*"], words: TENANT },
  { pattern: ["services", "*", "ports", "*"], words: PORT },
  { pattern: ["services", "*", "build"], words: BUILD },
  { pattern: ["secrets", "*"], words: SECRET },
  { pattern: ["volumes", "*"], words: VOLUME },
];

/** Whether a path fits a pattern, in which `*` stands for any one step. */
export function fitsPattern(path: ManifestPath, pattern: readonly string[]): boolean {
  return path.length === pattern.length && pattern.every((step, index) => step === "*" || step === String(path[index]));
}

/** `entrypoint does not exist apart; write the whole program in command`, for a key of the map at the path; undefined when not refused. */
export function refusedWord(path: ManifestPath, key: string): string | undefined {
  const words = TABLES.find((table) => fitsPattern(path, table.pattern))?.words;
  return words !== undefined && Object.hasOwn(words, key) ? `"${key}" ${words[key] ?? ""}` : undefined;
}
