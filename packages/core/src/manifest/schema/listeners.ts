// Public listeners of the gateway: where they listen, whether they speak TLS, and which web pages may call them.
import { z } from "zod";
import { described, section } from "./described.ts";
import { duration, listOf, nonEmpty, port } from "./scalars.ts";

const tls = section(
  "tls",
  {
    cert: described(
      nonEmpty,
      "File with the certificate and its chain, PEM. When it changes it is read again.",
      "证书及其证书链文件，PEM 格式。文件变化后会重新读取。",
    ),
    key: described(nonEmpty, "File with the private key, PEM, without a passphrase.", "私钥文件，PEM 格式，无口令。"),
  },
  { english: "TLS 1.2 and later, HTTP/2 and HTTP/1.1.", chinese: "TLS 1.2 及以上，HTTP/2 与 HTTP/1.1。" },
);

const ORIGIN = "expected an origin like https://app.example, without a path, or *";
const HEADER = "expected a header name, or *";

const cors = section(
  "cors",
  {
    origins: described(
      listOf(
        z
          .string({ error: ORIGIN })
          .regex(/^(?:\*|https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)$/, { error: ORIGIN }),
        "expected a list of origins",
      ).min(1, { error: "expected at least one origin" }),
      "Origins of web pages that may call: https://app.example, or * for all.",
      "允许调用的网页来源：https://app.example，或用 * 表示全部。",
    ),
    headers: described(
      listOf(
        z.string({ error: HEADER }).regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, { error: HEADER }),
        "expected a list of header names",
      ).optional(),
      "Request headers that pages may send, or * for all. Default: authorization, content-type, x-api-key, anthropic-version, x-request-id.",
      "网页可以发送的请求头，或用 * 表示全部。默认：authorization、content-type、x-api-key、anthropic-version、x-request-id。",
    ),
    credentials: described(
      z.boolean({ error: "expected true or false" }).default(false),
      "Pages may send cookies. Not together with the origin *.",
      "网页可以携带 cookie。不能与来源 * 同时使用。",
    ),
    max_age: described(
      duration.default("10m"),
      "How long a browser remembers the answer to its preflight request.",
      "浏览器记住预检结果的时长。",
    ),
  },
  {
    english: "Which web pages may call. Without it no CORS header is written.",
    chinese: "哪些网页可以调用。不写则不发送任何 CORS 响应头。",
  },
);

/** One entry of `gateway.listeners`. */
export const listener = section(
  "listener",
  {
    host: described(nonEmpty.default("127.0.0.1"), "Address; loopback only.", "地址，只能是本机回环地址。"),
    port: described(
      port,
      "Port. When it is busy the next free one is taken and printed.",
      "端口。被占用时使用下一个空闲端口并打印出来。",
    ),
    tls: described(tls.optional(), "Serve https. Without it: http.", "提供 https。不写则为 http。"),
    cors: described(cors.optional(), "Which web pages may call.", "哪些网页可以调用。"),
  },
  { english: "An address on which the gateway serves routes.", chinese: "网关提供路由服务的地址。" },
);

/** A listener as it is read. */
export type ListenerInput = z.output<typeof listener>;
