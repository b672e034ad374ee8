// Every command in the order of the help. Each module is loaded only when its command runs, so `--help` stays fast.
import type { CommandDefinition } from "./command-definition.ts";

const reason = { flags: "--reason <text>", summary: "option.reason" } as const;
const objective = [
  { flags: "--objective <bounds>", summary: "option.sim-objective" },
  { flags: "--seed <number>", summary: "option.sim-seed" },
  { flags: "--duration <duration>", summary: "option.sim-duration" },
  { flags: "--skip-bad-rows", summary: "option.sim-skip" },
] as const;
const attainment = { flags: "--attainment <percent>", summary: "option.sim-attainment" } as const;
const oneRate = { flags: "--rate <load>", summary: "option.sim-one-rate", isRepeatable: true } as const;

/** The commands. Adding one: a line here, a file under commands/, its texts in both catalogues. */
export const COMMAND_TABLE: readonly CommandDefinition[] = [
  {
    name: "up",
    summary: "command.up",
    options: [
      { flags: "-d, --detach", summary: "option.detach" },
      { flags: "--port <number>", summary: "option.port" },
      { flags: "--model <choice>", summary: "option.model" },
      { flags: "--target <name>", summary: "option.target" },
      { flags: "--profile <name>", summary: "option.profile", isRepeatable: true },
      { flags: "--timeout <duration>", summary: "option.timeout" },
    ],
    load: async () => (await import("../commands/up.ts")).up,
  },
  { name: "down", summary: "command.down", load: async () => (await import("../commands/down.ts")).down },
  {
    name: "ps",
    positionals: "[service]",
    summary: "command.ps",
    load: async () => (await import("../commands/ps.ts")).ps,
  },
  {
    name: "top",
    positionals: "[service]",
    summary: "command.top",
    load: async () => (await import("../commands/top.ts")).top,
  },
  {
    name: "models",
    summary: "command.models",
    subcommands: [
      {
        name: "predict",
        summary: "command.models-predict",
        load: async () => (await import("../commands/models-predict.ts")).modelsPredict,
      },
    ],
    load: async () => (await import("../commands/models-predict.ts")).modelsPredict,
  },
  {
    name: "explain",
    positionals: "<request>",
    summary: "command.explain",
    load: async () => (await import("../commands/explain.ts")).explain,
  },
  { name: "status", summary: "command.status", load: async () => (await import("../commands/status.ts")).status },
  {
    name: "logs",
    positionals: "[service]",
    summary: "command.logs",
    ownsShortFile: true,
    options: [
      { flags: "-f, --follow", summary: "option.follow" },
      { flags: "--tail <lines>", summary: "option.tail" },
    ],
    load: async () => (await import("../commands/logs.ts")).logs,
  },
  {
    name: "restart",
    positionals: "<service>",
    summary: "command.restart",
    options: [reason],
    load: async () => (await import("../commands/restart.ts")).restart,
  },
  {
    name: "scale",
    positionals: "<service> [replicas]",
    summary: "command.scale",
    options: [{ flags: "--for <duration>", summary: "option.scale-for" }, reason],
    load: async () => (await import("../commands/scale.ts")).scale,
  },
  {
    name: "incidents",
    summary: "command.incidents",
    options: [
      { flags: "--limit <count>", summary: "option.limit" },
      { flags: "--state <state>", summary: "option.incident-state" },
    ],
    subcommands: [
      {
        name: "show",
        positionals: "<number>",
        summary: "command.incidents-show",
        load: async () => (await import("../commands/incidents-show.ts")).incidentsShow,
      },
    ],
    load: async () => (await import("../commands/incidents.ts")).incidents,
  },
  {
    name: "notify",
    summary: "command.notify",
    subcommands: [
      {
        name: "test",
        positionals: "[channel]",
        summary: "command.notify-test",
        load: async () => (await import("../commands/notify-test.ts")).notifyTest,
      },
    ],
    load: async () => (await import("../commands/notify.ts")).notify,
  },
  { name: "history", summary: "command.history", load: async () => (await import("../commands/history.ts")).history },
  {
    name: "audit",
    summary: "command.audit",
    options: [
      { flags: "--since <duration>", summary: "option.audit-since" },
      { flags: "--limit <count>", summary: "option.audit-limit" },
      { flags: "--json", summary: "option.json" },
    ],
    load: async () => (await import("../commands/audit.ts")).audit,
  },
  {
    name: "diff",
    positionals: "[from] [to]",
    summary: "command.diff",
    load: async () => (await import("../commands/diff.ts")).diff,
  },
  {
    name: "rollback",
    positionals: "[revision]",
    summary: "command.rollback",
    options: [reason],
    load: async () => (await import("../commands/rollback.ts")).rollback,
  },
  {
    name: "pause",
    positionals: "[service]",
    summary: "command.pause",
    options: [{ flags: "--for <duration>", summary: "option.for" }, reason],
    load: async () => (await import("../commands/pause.ts")).pause,
  },
  {
    name: "resume",
    positionals: "[service]",
    summary: "command.resume",
    load: async () => (await import("../commands/resume.ts")).resume,
  },
  {
    name: "run",
    positionals: "<service> [command...]",
    summary: "command.run",
    options: [{ flags: "-e, --env <assignment>", summary: "option.env", isRepeatable: true }],
    load: async () => (await import("../commands/run.ts")).run,
  },
  {
    name: "keys",
    summary: "command.keys",
    options: [{ flags: "--all", summary: "option.all-keys" }],
    subcommands: [
      {
        name: "create",
        summary: "command.keys-create",
        options: [
          { flags: "--name <name>", summary: "option.key-name" },
          { flags: "--tenant <tenant>", summary: "option.key-tenant" },
          { flags: "--model <model>", summary: "option.key-model", isRepeatable: true },
          { flags: "--route <route>", summary: "option.key-route", isRepeatable: true },
          { flags: "--expires <when>", summary: "option.key-expires" },
          { flags: "--requests <rate>", summary: "option.key-requests", isRepeatable: true },
          { flags: "--tokens <rate>", summary: "option.key-tokens", isRepeatable: true },
          { flags: "--concurrency <count>", summary: "option.key-concurrency" },
          { flags: "--budget <amount>", summary: "option.key-budget", isRepeatable: true },
          reason,
        ],
        load: async () => (await import("../commands/keys-create.ts")).keysCreate,
      },
      {
        name: "list",
        summary: "command.keys-list",
        options: [{ flags: "--all", summary: "option.all-keys" }],
        load: async () => (await import("../commands/keys.ts")).keys,
      },
      {
        name: "rotate",
        positionals: "<key>",
        summary: "command.keys-rotate",
        options: [{ flags: "--keep <duration>", summary: "option.key-keep" }, reason],
        load: async () => (await import("../commands/keys-rotate.ts")).keysRotate,
      },
      {
        name: "revoke",
        positionals: "<key>",
        summary: "command.keys-revoke",
        options: [reason],
        load: async () => (await import("../commands/keys-revoke.ts")).keysRevoke,
      },
      {
        name: "usage",
        positionals: "[key]",
        summary: "command.keys-usage",
        options: [{ flags: "--since <duration>", summary: "option.since" }],
        load: async () => (await import("../commands/keys-usage.ts")).keysUsage,
      },
    ],
    load: async () => (await import("../commands/keys.ts")).keys,
  },
  {
    name: "config",
    summary: "command.config",
    options: [
      { flags: "--resolved", summary: "option.resolved" },
      { flags: "--target <name>", summary: "option.target" },
      { flags: "--profile <name>", summary: "option.profile", isRepeatable: true },
    ],
    load: async () => (await import("../commands/config.ts")).config,
  },
  {
    name: "docs",
    positionals: "[section]",
    summary: "command.docs",
    load: async () => (await import("../commands/docs.ts")).docs,
  },
  {
    name: "simulate",
    positionals: "[trace]",
    summary: "command.simulate",
    options: [
      { flags: "--policy <name>", summary: "option.sim-policy", isRepeatable: true },
      { flags: "--replicas <count>", summary: "option.sim-replicas", isRepeatable: true },
      { flags: "--profile <engine>", summary: "option.sim-profile", isRepeatable: true },
      { flags: "--rate <load>", summary: "option.sim-rate", isRepeatable: true },
      ...objective,
      { flags: "--report <file>", summary: "option.sim-report" },
    ],
    subcommands: [
      {
        name: "capacity",
        positionals: "[trace]",
        summary: "command.simulate-capacity",
        options: [
          { flags: "--profile <engine>", summary: "option.sim-engine", isRepeatable: true },
          oneRate,
          ...objective,
          attainment,
          { flags: "--policy <name>", summary: "option.sim-check-policy" },
          { flags: "--max-replicas <count>", summary: "option.sim-max-replicas" },
        ],
        load: async () => (await import("../commands/simulate-capacity.ts")).simulateCapacity,
      },
    ],
    load: async () => (await import("../commands/simulate.ts")).simulate,
  },
  {
    name: "tune",
    positionals: "[trace]",
    summary: "command.tune",
    options: [
      { flags: "--service <name>", summary: "option.tune-service" },
      { flags: "--profile <engine>", summary: "option.tune-profile" },
      oneRate,
      ...objective,
      attainment,
      { flags: "--max-replicas <count>", summary: "option.tune-max-replicas" },
      { flags: "--runs <count>", summary: "option.tune-runs" },
      { flags: "--target <name>", summary: "option.target" },
      { flags: "--write", summary: "option.tune-write" },
    ],
    load: async () => (await import("../commands/tune.ts")).tune,
  },
  {
    name: "init",
    summary: "command.init",
    options: [{ flags: "--force", summary: "option.force" }],
    load: async () => (await import("../commands/init.ts")).init,
  },
  { name: "doctor", summary: "command.doctor", load: async () => (await import("../commands/doctor.ts")).doctor },
  { name: "version", summary: "command.version", load: async () => (await import("../commands/version.ts")).version },
  {
    name: "completion",
    positionals: "<shell>",
    summary: "command.completion",
    load: async () => (await import("../commands/completion.ts")).completion,
  },
];
