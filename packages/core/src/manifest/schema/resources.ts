// CPU and memory of one instance.
import { z } from "zod";
import { described, section } from "./described.ts";
import { size } from "./scalars.ts";

const CPUS = "expected a number of processors above 0, like 0.5 or 2";
const cpus = z.number({ error: CPUS }).positive({ error: CPUS }).max(1_024, { error: CPUS });

const amounts = section(
  "resource-amounts",
  {
    cpus: described(cpus.optional(), "Processors; 0.5 is half of one.", "处理器数量；0.5 为半个。"),
    memory: described(size.optional(), "Memory, like 512MiB.", "内存，例如 512MiB。"),
  },
  { english: "Amounts of CPU and memory.", chinese: "处理器与内存的数量。" },
);

/** `resources`. */
export const resources = section(
  "resources",
  {
    limits: described(amounts.optional(), "What an instance may use at most.", "实例最多可用的数量。"),
    reservations: described(amounts.optional(), "What must be free for an instance.", "为实例预留的数量。"),
  },
  {
    english: "CPU and memory of each instance. What a target cannot honour is refused when the plan is made.",
    chinese: "每个实例的处理器与内存。目标无法满足的内容在生成计划时拒绝。",
  },
);

/** `resources` as it is read. */
export type ResourcesInput = z.output<typeof resources>;
