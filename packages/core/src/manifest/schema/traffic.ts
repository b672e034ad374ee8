// Time limits and retries of requests; services, models and routes have them with the same keys.
import { z } from "zod";
import { described, section } from "./described.ts";
import { duration, wholeNumber } from "./scalars.ts";

/** `timeouts`. A key that is not given keeps the value of the level below. */
export const timeouts = section(
  "timeouts",
  {
    connect: described(duration.optional(), "Until a connection is made. Default 1s.", "建立连接的时限。默认 1s。"),
    first_byte: described(
      duration.optional(),
      "Until the response's headers. Default 30s, for models 60s.",
      "收到响应头的时限。默认 30s，模型为 60s。",
    ),
    gap: described(
      duration.optional(),
      "Between two pieces of a response body. Default 60s.",
      "响应体相邻两段之间的时限。默认 60s。",
    ),
    total: described(
      z
        .union([duration, z.literal(0)], { error: "expected a duration like 500ms, 10s, 2m or 1h, or 0 for none" })
        .optional(),
      "For the whole request; 0 means no limit. Default 0.",
      "整个请求的时限；0 表示不限。默认 0。",
    ),
  },
  {
    english: "Time limits of requests. A route's limits win over those of its service or model.",
    chinese: "请求的时限。路由上的时限优先于服务或模型上的时限。",
  },
);

/** `retries`. */
export const retries = section(
  "retries",
  {
    attempts: described(
      wholeNumber(0, 10).optional(),
      "Further attempts after the first. Default 2.",
      "首次尝试之后的重试次数。默认 2。",
    ),
    unsafe: described(
      z.boolean({ error: "expected true or false" }).optional(),
      "Also retry a request that may have been executed. Only for requests that may safely run twice. Default false.",
      "请求可能已被执行时也重试。仅用于可以安全执行两次的请求。默认 false。",
    ),
  },
  {
    english: "Retries of failed requests. A request of which no byte was sent is always safe to retry.",
    chinese: "失败请求的重试。尚未发出任何字节的请求总可以安全重试。",
  },
);

/** `timeouts` as it is read. */
export type TimeoutsInput = z.output<typeof timeouts>;
/** `retries` as it is read. */
export type RetriesInput = z.output<typeof retries>;
