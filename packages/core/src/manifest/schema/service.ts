// One service, job or stateful service.
import { z } from "zod";
import { BALANCE_ALGORITHMS } from "../../balance-algorithm.ts";
import { dependsOn } from "./depends-on.ts";
import { described, section } from "./described.ts";
import { healthcheck } from "./healthcheck.ts";
import { serviceHealing } from "./healing.ts";
import { ports } from "./ports.ts";
import { build, serve } from "./program.ts";
import { resources } from "./resources.ts";
import { restart } from "./restart.ts";
import { scale } from "./scale.ts";
import { schedule } from "./schedule.ts";
import {
  choice,
  commandList,
  duration,
  environmentPrefix,
  environmentVariable,
  listOf,
  mapOf,
  name,
  nonEmpty,
  textual,
  wholeNumber,
} from "./scalars.ts";
import { retries, timeouts } from "./traffic.ts";

const grant = section(
  "grant",
  {
    env: described(
      environmentPrefix.optional(),
      "Beginning of the variables <PREFIX>_BASE_URL, _MODEL and _API_KEY. Default FLYBALL_<MODEL>.",
      "变量 <前缀>_BASE_URL、_MODEL、_API_KEY 的前缀。默认 FLYBALL_<MODEL>。",
    ),
  },
  { english: "A model granted to a service.", chinese: "授予服务的模型。" },
);

const grants = z.union(
  [
    listOf(name, "expected a list of model names"),
    mapOf(
      name,
      z.union([grant, z.null()], { error: "expected { env: PREFIX }" }),
      "expected a map from model names to { env }",
    ),
  ],
  { error: "expected a list of model names, or a map from names to { env: PREFIX }" },
);

const files = z.union([nonEmpty, listOf(nonEmpty, "expected a list of files")], {
  error: "expected a file or a list of files",
});

const whatItIs = {
  kind: described(
    choice(["service", "job", "stateful"]).default("service"),
    "service: a program with N instances. job: a task that ends. stateful: a program with data of its own, never doubled or moved by the loop.",
    "service：有 N 个实例的程序。job：会结束的任务。stateful：自带数据的程序，控制循环不会复制或迁移它。",
  ),
  command: described(
    commandList.optional(),
    "The program and its arguments as a list. May hold ${instance.port}, ${services.x.address} and ${secrets.x}.",
    "程序及其参数，写成列表。可以使用 ${instance.port}、${services.x.address} 和 ${secrets.x}。",
  ),
  build: described(build.optional(), "Folder from which an image is built.", "用于构建镜像的文件夹。"),
  image: described(nonEmpty.optional(), "An image to run.", "要运行的镜像。"),
  serve: described(serve.optional(), "A model server that Flyball runs itself.", "由 Flyball 自己运行的模型服务器。"),
  external: described(
    nonEmpty.optional(),
    "A service that somebody else runs: host:port or http://host:port. It is never started, only fronted.",
    "由他人运行的服务：host:port 或 http://host:port。Flyball 不启动它，只在其前面转发。",
  ),
  working_dir: described(
    nonEmpty.optional(),
    "Working folder. Default: the build folder, else the folder of the file that names the service.",
    "工作目录。默认为构建目录，否则为声明该服务的文件所在目录。",
  ),
  environment: described(
    mapOf(environmentVariable, textual, "expected a map from names to values: NAME: value").optional(),
    "Environment variables. Values may hold the same placeholders as command.",
    "环境变量。值中可以使用与 command 相同的占位符。",
  ),
  env_file: described(
    files.optional(),
    "Files with NAME=value lines; environment wins. PORT, HOST and the variables of granted models are passed over.",
    "包含 NAME=value 行的文件；environment 优先。其中的 PORT、HOST 和已授予模型的变量会被忽略。",
  ),
};

const howItRuns = {
  ports: described(ports.optional(), "Ports that an instance listens on.", "实例监听的端口。"),
  depends_on: described(
    dependsOn.optional(),
    "What must be there before this service starts.",
    "本服务启动之前必须具备的服务。",
  ),
  healthcheck: described(healthcheck.optional(), "How readiness is seen.", "如何判断就绪。"),
  replicas: described(wholeNumber(0, 1_000).optional(), "Number of instances. Default 1.", "实例数量。默认 1。"),
  warm: described(
    wholeNumber(1, 100).optional(),
    "Spare instances beyond replicas: started, ready and kept out of the requests until one of the others is lost. They count for room on the machine. Default: none.",
    "replicas 之外的备用实例：已启动并就绪，但不接收请求，直到其他实例之一失效。它们占用机器的空间。默认没有。",
  ),
  scale: described(
    scale.optional(),
    "Lets the number of instances follow the load, instead of replicas.",
    "让实例数量随负载变化，代替 replicas。",
  ),
  concurrency: described(
    wholeNumber(1, 100_000).optional(),
    "Requests that one instance works on at once; its load is what it has of them. Default 16.",
    "一个实例同时处理的请求数；以此衡量实例的负载。默认 16。",
  ),
  balance: described(
    choice(BALANCE_ALGORITHMS).optional(),
    "How the instance of a request is chosen. consistent-hash goes by the header x-flyball-affinity, else by the key, else by the client's address. Default: least-load, two-choices with several gateway workers.",
    "如何为请求选择实例。consistent-hash 依据请求头 x-flyball-affinity，其次依据密钥，再次依据客户端地址。默认 least-load；网关有多个工作线程时为 two-choices。",
  ),
  max_wait: described(
    duration.optional(),
    "How long a request waits for a place at an instance, where requests wait: at services of models and behind routes with a priority. Default 2s.",
    "请求等待实例空位的最长时间；仅用于需要排队之处：模型的服务，以及带有 priority 的路由。默认 2s。",
  ),
  schedule: described(
    schedule.optional(),
    "How those who wait are ordered, and what an instance may have at once. A service that has it lets requests wait, as services of models do.",
    "等待的请求如何排序，以及一个实例同时可以有多少。写了它的服务会让请求排队，与模型的服务一样。",
  ),
  resources: described(
    resources.optional(),
    "CPU, memory and GPUs of each instance.",
    "每个实例的处理器、内存与 GPU。",
  ),
  restart: described(
    restart.optional(),
    "What happens after an exit that nobody asked for. Default: always, for a job on-failure.",
    "非主动退出之后怎么办。默认 always，任务为 on-failure。",
  ),
  healing: described(
    serviceHealing.optional(),
    "What may be done about faults of this service without asking, where it is not as for the whole app.",
    "对本服务的故障无需询问即可采取的措施（与整个应用不同时）。",
  ),
  stop_signal: described(
    choice(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]).default("SIGTERM"),
    "The signal that asks the program to end.",
    "请求程序结束的信号。",
  ),
  stop_grace_period: described(
    duration.default("10s"),
    "Time between the signal and SIGKILL.",
    "从发出信号到 SIGKILL 之间的时间。",
  ),
  run: described(
    choice(["each-release", "once"]).optional(),
    "For jobs: with each revision that changes the app, or once for each form of the job itself. Default each-release.",
    "用于任务：每个新版本运行一次，或该任务的每种写法只运行一次。默认 each-release。",
  ),
};

const whatItUses = {
  models: described(
    grants.optional(),
    "Models that the service may call, with the prefix of their variables.",
    "服务可以调用的模型，及其变量前缀。",
  ),
  secrets: described(
    listOf(name, "expected a list of secret names").optional(),
    "Secrets mounted as files; their paths are in FLYBALL_SECRET_<NAME>.",
    "以文件形式挂载的密钥；路径在 FLYBALL_SECRET_<NAME> 中。",
  ),
  configs: described(
    listOf(name, "expected a list of config names").optional(),
    "Configs mounted as files; their paths are in FLYBALL_CONFIG_<NAME>.",
    "以文件形式挂载的配置；路径在 FLYBALL_CONFIG_<NAME> 中。",
  ),
  volumes: described(
    listOf(nonEmpty, "expected a list like [data:/var/lib/data]").optional(),
    "Volumes as name:/absolute/path; their paths are in FLYBALL_VOLUME_<NAME>.",
    "卷，写作 name:/绝对路径；路径在 FLYBALL_VOLUME_<NAME> 中。",
  ),
  timeouts: described(timeouts.optional(), "Time limits of requests to this service.", "发往本服务的请求的时限。"),
  retries: described(retries.optional(), "Retries of requests to this service.", "发往本服务的请求的重试。"),
  profiles: described(
    listOf(name, "expected a list of profile names").optional(),
    "The service is only part of the app when one of these profiles is chosen. Default: always.",
    "只有选择了其中某个配置组合时，服务才属于应用。默认始终属于。",
  ),
  labels: described(
    mapOf(nonEmpty, textual, "expected a map from names to values").optional(),
    "Labels that are passed on to the target.",
    "传递给目标的标签。",
  ),
};

/** One entry of `services`. */
export const service = section(
  "service",
  { ...whatItIs, ...howItRuns, ...whatItUses },
  {
    english:
      "A program with its instances. It has exactly one of command, serve, image, build and external; command may come with image or build.",
    chinese:
      "一个程序及其实例。command、serve、image、build、external 恰好写一个；command 可以与 image 或 build 同时出现。",
  },
);

/** A service as it is read. */
export type ServiceInput = z.output<typeof service>;
