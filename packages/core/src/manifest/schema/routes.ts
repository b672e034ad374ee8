// Routes of public listeners.
import { z } from "zod";
import { PRIORITIES } from "../../priority.ts";
import { described, section } from "./described.ts";
import { choice, listOf, mapOf, name, nonEmpty } from "./scalars.ts";
import { retries, timeouts } from "./traffic.ts";

const WEIGHT = "expected a weight above 0";

const share = section(
  "share",
  {
    service: described(name, "The service.", "服务。"),
    weight: described(
      z.number({ error: WEIGHT }).positive({ error: WEIGHT }).max(1_000_000, { error: WEIGHT }),
      "Its share of the requests, compared with the other weights.",
      "所占请求份额，与其他权重相比。",
    ),
  },
  { english: "A service with its share of a route's requests.", chinese: "服务及其在路由中的请求份额。" },
);

const PATH = "expected a path that begins with /";
const METHOD = "expected a method in upper case, like GET";

/** One entry of `routes`. */
export const route = section(
  "route",
  {
    name: described(
      name.optional(),
      "Name in metrics and logs. Default: made of the path.",
      "指标和日志中的名称。默认由路径生成。",
    ),
    listener: described(
      nonEmpty.optional(),
      "A listener of gateway.listeners, or <service>.<port> of a published port. Default: the only listener.",
      "gateway.listeners 中的监听器，或已发布端口的 <服务>.<端口>。默认为唯一的监听器。",
    ),
    path: described(
      z.string({ error: PATH }).regex(/^\//, { error: PATH }).default("/"),
      "Beginning of the path: /api matches /api and /api/…, never /apix. The longest path wins.",
      "路径前缀：/api 匹配 /api 和 /api/…，不匹配 /apix。最长的路径优先。",
    ),
    methods: described(
      listOf(z.string({ error: METHOD }).regex(/^[A-Z]{1,20}$/, { error: METHOD }), "expected a list of methods")
        .min(1, { error: "expected at least one method" })
        .optional(),
      "Methods that match. Default: all.",
      "匹配的方法。默认全部。",
    ),
    hosts: described(
      listOf(nonEmpty, "expected a list of host names").min(1, { error: "expected at least one host" }).optional(),
      "Host names that match, without a port. Default: all.",
      "匹配的主机名，不含端口。默认全部。",
    ),
    headers: described(
      mapOf(nonEmpty, z.string({ error: "expected text" }), "expected a map from header names to values").optional(),
      "Headers that must have exactly these values.",
      "必须恰好具有这些值的请求头。",
    ),
    service: described(name.optional(), "Send to this service.", "发送到该服务。"),
    services: described(
      listOf(share, "expected a list like [{ service: api, weight: 1 }]")
        .min(1, { error: "expected at least one service" })
        .optional(),
      "Send to several services by weight.",
      "按权重发送到多个服务。",
    ),
    model: described(name.optional(), "Serve the model API for this model.", "为该模型提供模型 API。"),
    models: described(
      listOf(name, "expected a list of model names").min(1, { error: "expected at least one model" }).optional(),
      "Serve the model API for these models.",
      "为这些模型提供模型 API。",
    ),
    strip_prefix: described(
      z.boolean({ error: "expected true or false" }).default(false),
      "Remove path from the request's path before it is sent on.",
      "转发之前从请求路径中去掉 path。",
    ),
    requires_key: described(
      z.boolean({ error: "expected true or false" }).default(false),
      "Only requests with a known key pass: flyball keys create.",
      "只有带有已知密钥的请求才能通过：flyball keys create。",
    ),
    priority: described(
      choice(PRIORITIES).optional(),
      "Class of its requests where more come than can be served: low is turned away first. A tenant's own class comes first. Default normal.",
      "请求超出处理能力时其请求的等级：low 最先被拒绝。租户自己的等级优先。默认 normal。",
    ),
    timeouts: described(timeouts.optional(), "Time limits of this route.", "该路由的时限。"),
    retries: described(retries.optional(), "Retries of this route.", "该路由的重试。"),
  },
  {
    english: "Which requests go where. Exactly one of service, services, model and models.",
    chinese: "哪些请求去往何处。service、services、model、models 恰好写一个。",
  },
);

/** A route as it is read. */
export type RouteInput = z.output<typeof route>;
