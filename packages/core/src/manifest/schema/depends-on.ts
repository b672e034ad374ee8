// Start order: a list of names, or a map from a name to a condition.
import { z } from "zod";
import { described, section } from "./described.ts";
import { choice, listOf, mapOf, name } from "./scalars.ts";

/** What a dependency must have reached. */
export const condition = choice(["started", "ready", "completed"]);

/** The long form of one dependency. */
export const dependency = section(
  "dependency",
  {
    condition: described(
      condition.optional(),
      "started: it was started. ready: it can serve. completed: a job ended with exit code 0. Default: ready, for a job completed.",
      "started：已启动。ready：可以服务。completed：任务以退出码 0 结束。默认 ready，任务为 completed。",
    ),
    required: described(
      z.boolean({ error: "expected true or false" }).default(true),
      "false: a dependency that is not part of the app (profiles) or that failed does not hold this service back.",
      "false：依赖不属于应用（profiles）或失败时，不阻止本服务启动。",
    ),
    restart: described(
      z.boolean({ error: "expected true or false" }).default(false),
      "true: restart this service when the dependency was restarted.",
      "true：依赖被重启后，本服务也重启。",
    ),
  },
  { english: "A dependency in its long form.", chinese: "依赖的完整写法。" },
);

/** `depends_on`. */
export const dependsOn = z.union(
  [
    listOf(name, "expected a list of service names"),
    mapOf(
      name,
      z.union([condition, dependency], {
        error: "expected started, ready, completed or { condition, required, restart }",
      }),
      "expected a map from service names to conditions",
    ),
  ],
  { error: "expected a list of service names, or a map from names to started, ready or completed" },
);

/** `depends_on` as it is read. */
export type DependsOnInput = z.output<typeof dependsOn>;
