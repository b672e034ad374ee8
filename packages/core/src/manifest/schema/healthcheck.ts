// How readiness is seen: a request, a connection or a program.
import { z } from "zod";
import { described, section } from "./described.ts";
import { commandList, duration, name, wholeNumber } from "./scalars.ts";

const path = z
  .string({ error: "expected a path that begins with /" })
  .regex(/^\/[^\s#]*$/, { error: "expected a path that begins with /" });

/** `healthcheck.http` in its long form. */
export const httpProbe = section(
  "http-probe",
  {
    path: described(path, "The path to request with GET.", "用 GET 请求的路径。"),
    port: described(name.optional(), "Name of the port. Default: the http port.", "端口名称。默认为 http 端口。"),
    status: described(
      wholeNumber(100, 599).optional(),
      "The one status that counts as healthy. Default: any from 200 to 399.",
      "视为健康的状态码。默认 200 到 399 均可。",
    ),
  },
  { english: "An http health check in its long form.", chinese: "http 健康检查的完整写法。" },
);

/** `healthcheck.tcp` in its long form. */
export const tcpProbe = section(
  "tcp-probe",
  { port: described(name.optional(), "Name of the port. Default: the first.", "端口名称。默认为第一个端口。") },
  { english: "A tcp health check in its long form.", chinese: "tcp 健康检查的完整写法。" },
);

/** `healthcheck`. Exactly one of http, tcp and command; checked apart, so that the message can say so. */
export const healthcheck = section(
  "healthcheck",
  {
    http: described(
      z.union([path, httpProbe], { error: "expected a path like /health, or { path, port, status }" }).optional(),
      "Healthy when a GET of this path succeeds.",
      "GET 该路径成功即为健康。",
    ),
    tcp: described(
      z.union([z.literal(true), tcpProbe], { error: "expected true or { port }" }).optional(),
      "Healthy when a connection can be made.",
      "能够建立连接即为健康。",
    ),
    command: described(
      commandList.optional(),
      "Healthy when this program ends with exit code 0; it runs in the instance's environment.",
      "该程序以退出码 0 结束即为健康；它在实例的环境中运行。",
    ),
    interval: described(
      duration.default("1s"),
      "Time between two probes. After one to which nothing came back the next follows in a tenth of it; an instance that answers requests well is probed less.",
      "两次探测的间隔。若探测没有任何回应，下一次在其十分之一后进行；正常应答请求的实例较少被探测。",
    ),
    timeout: described(
      duration.default("2s"),
      "A probe that takes longer has failed; for an instance that was ready, one that takes four times as long as usual and more than 500ms.",
      "超过该时间的探测视为失败；对曾经就绪的实例，超过平常四倍且超过 500ms 即视为失败。",
    ),
    retries: described(
      wholeNumber(1, 1_000).default(3),
      "Failed probes in a row after which the instance is unhealthy.",
      "连续失败多少次后视为不健康。",
    ),
    start_period: described(
      duration.optional(),
      "Failed probes do not count until this long after the start, unless the instance was ready once. Where it is stated, exits do not count either, short of a crash loop. Default: 30s.",
      "启动后这段时间内失败的探测不计，除非实例曾经就绪。写明时，这段时间内的退出也不计，反复崩溃除外。默认 30s。",
    ),
  },
  {
    english:
      "How readiness is seen. Exactly one of http, tcp and command. Without it an instance is ready when it listens on its port.",
    chinese: "如何判断就绪。http、tcp、command 三者恰好写一个。不写时，实例监听其端口即为就绪。",
  },
);

/** `healthcheck` as it is read. */
export type HealthcheckInput = z.output<typeof healthcheck>;
