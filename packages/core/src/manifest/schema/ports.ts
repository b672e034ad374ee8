// Ports that an instance listens on, and how they are published.
import type { z } from "zod";
import { described, section } from "./described.ts";
import { choice, listOf, name, nonEmpty, port } from "./scalars.ts";

/** One entry of `ports`. */
export const portEntry = section(
  "port",
  {
    name: described(name.optional(), "Name of the port. Default: its protocol.", "端口的名称。默认为其协议名。"),
    port: described(
      port.optional(),
      "The port inside the instance. Default: Flyball chooses a free one and tells it in PORT and ${instance.port}.",
      "实例内的端口。默认由 Flyball 选择空闲端口，并通过 PORT 和 ${instance.port} 告知实例。",
    ),
    protocol: described(
      choice(["http", "tcp"]).default("http"),
      "http goes through the gateway; tcp is connected to directly (databases, caches).",
      "http 经过网关；tcp 直接连接（数据库、缓存）。",
    ),
    published: described(
      port.optional(),
      "http: the gateway listens on this port and sends everything to the service. tcp: the one instance listens on it itself.",
      "http：网关监听该端口并把所有请求发给该服务。tcp：由唯一的实例自己监听。",
    ),
    host: described(
      nonEmpty.optional(),
      "The address to publish on; loopback only. Default 127.0.0.1.",
      "对外发布的地址，只能是本机回环地址。默认 127.0.0.1。",
    ),
  },
  {
    english:
      "A port of an instance. At most one http port a service. A service without `ports` has one http port; a job has none.",
    chinese: "实例的端口。每个服务至多一个 http 端口。没有写 `ports` 的服务有一个 http 端口；任务没有端口。",
  },
);

/** `ports`. */
export const ports = listOf(portEntry, "expected a list of maps like { name: http, published: 8080 }");

/** One port as it is read. */
export type PortInput = z.output<typeof portEntry>;
