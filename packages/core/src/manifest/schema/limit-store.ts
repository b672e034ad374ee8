// The store of limits that several gateways share.
import type { z } from "zod";
import { described, section } from "./described.ts";
import { nonEmpty } from "./scalars.ts";

/** `gateway.limit_store`. */
export const limitStore = section(
  "limit-store",
  {
    url: described(
      nonEmpty,
      "Address of a Redis or Valkey server: redis://host:port, or rediss:// with TLS.",
      "Redis 或 Valkey 服务器的地址：redis://主机:端口；使用 TLS 时为 rediss://。",
    ),
    password: described(
      nonEmpty.optional(),
      'Its password, as "${secrets.name}".',
      '它的密码，写作 "${secrets.名称}"。',
    ),
  },
  {
    english: "A store through which several gateways keep limits and budgets together.",
    chinese: "多个网关共同维护限额和预算所用的存储。",
  },
);

/** `gateway.limit_store` as it is read. */
export type LimitStoreInput = z.output<typeof limitStore>;
