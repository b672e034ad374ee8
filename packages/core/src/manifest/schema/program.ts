// What a service runs: a program, an image that is built or pulled, or a model server of Flyball's own.
import { z } from "zod";
import { described, section } from "./described.ts";
import { choice, listOf, nonEmpty, textual } from "./scalars.ts";

/** Engines that Flyball runs itself. */
export const ENGINES = ["extractive", "simulated"] as const;

/** `serve`. */
export const serve = section(
  "serve",
  {
    engine: described(
      choice(ENGINES),
      "extractive answers from the passages in the prompt, without weights; simulated behaves like a batching engine.",
      "extractive 从提示中的段落抽取答案，不需要权重；simulated 模拟批处理引擎的行为。",
    ),
    model: described(
      nonEmpty.optional(),
      "The model's name as the engine reports it. Default: the engine's name.",
      "引擎报告的模型名称。默认为引擎名。",
    ),
    args: described(
      listOf(textual, "expected a list of arguments").default([]),
      "Further arguments of the engine.",
      "引擎的其他参数。",
    ),
  },
  { english: "A model server that Flyball runs itself.", chinese: "由 Flyball 自己运行的模型服务器。" },
);

/** The long form of `build`. */
export const buildRule = section(
  "build",
  {
    context: described(nonEmpty, "The folder with the source.", "源代码所在的文件夹。"),
    dockerfile: described(
      nonEmpty.optional(),
      "The Dockerfile, relative to the context. Default: Dockerfile.",
      "Dockerfile，相对于 context。默认 Dockerfile。",
    ),
  },
  { english: "How an image is built, in its long form.", chinese: "构建镜像的完整写法。" },
);

/** `build`. */
export const build = z.union([nonEmpty, buildRule], { error: "expected a folder, or { context, dockerfile }" });

/** `serve` as it is read. */
export type ServeInput = z.output<typeof serve>;
