// CPU, memory and GPUs of one instance.
import { z } from "zod";
import { PRIORITIES } from "../../priority.ts";
import { described, section } from "./described.ts";
import { choice, size, wholeNumber } from "./scalars.ts";

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

const reservations = section(
  "reservations",
  {
    cpus: described(cpus.optional(), "Processors; 0.5 is half of one.", "处理器数量；0.5 为半个。"),
    memory: described(size.optional(), "Memory, like 512MiB.", "内存，例如 512MiB。"),
    gpus: described(wholeNumber(0, 64).optional(), "Whole GPUs.", "整块 GPU 的数量。"),
  },
  {
    english: "What must be free on the machine before an instance is started.",
    chinese: "启动实例之前机器上必须空闲的数量。",
  },
);

/** `resources`. */
export const resources = section(
  "resources",
  {
    limits: described(amounts.optional(), "What an instance may use at most.", "实例最多可用的数量。"),
    reservations: described(
      reservations.optional(),
      "What must be free for an instance. It waits until it is.",
      "为实例预留的数量。不够时实例会等待。",
    ),
    priority: described(
      choice(PRIORITIES).optional(),
      "Who gets room first when not all reservations fit on the machine. Default normal.",
      "机器放不下全部预留时谁先得到资源。默认 normal。",
    ),
    preempts: described(
      z.boolean({ error: "expected true or false" }).optional(),
      "It may stop running instances of services of a lower priority to get room. Default false: it waits.",
      "可以停止优先级更低的服务的运行中实例来腾出资源。默认 false：等待。",
    ),
  },
  {
    english: "CPU, memory and GPUs of each instance. What a target cannot honour is refused when the plan is made.",
    chinese: "每个实例的处理器、内存与 GPU。目标无法满足的内容在生成计划时拒绝。",
  },
);

/** `resources` as it is read. */
export type ResourcesInput = z.output<typeof resources>;
