// 错误表的中文文本：每个代码一行，占位符与错误表相同，由编译器和测试保证。docs/zh-CN/reference/errors.md 由此生成。
import type { ErrorCode } from "@flyball/core";

/** What the error table says, in Chinese. */
export const zhErrors: Readonly<Record<ErrorCode, { readonly message: string; readonly hint: string }>> = {
  FB_MANIFEST_NOT_FOUND: { message: "{path} 处没有清单", hint: "试试：flyball init" },
  FB_MANIFEST_INVALID: { message: "清单无效：{summary}", hint: "请改正上面列出的各行。试试：flyball docs" },
  FB_MANIFEST_UNREADABLE: {
    message: "无法读取清单中写到的文件：{reason}",
    hint: "路径相对于写到它的文件；文件编码为 UTF-8",
  },
  FB_MANIFEST_SYNTAX: {
    message: "文件不是清单所用的 YAML：{reason}",
    hint: "只有一个文档，键为文本，用空格缩进，不用自定义标签",
  },
  FB_MANIFEST_LIMIT: {
    message: "文件超出了限制：{reason}",
    hint: "1 MiB、64 层、64 个别名；可以用 include 拆分文件",
  },
  FB_MANIFEST_DUPLICATE: { message: "有东西被写了两次：{reason}", hint: "请删除其中一个，或给它改名" },
  FB_MANIFEST_UNKNOWN_KEY: { message: "未知的键：{reason}", hint: "试试：flyball docs" },
  FB_MANIFEST_REFUSED_KEY: {
    message: "这是其他工具的写法，Flyball 不使用：{reason}",
    hint: "消息中写有我们的写法或原因",
  },
  FB_MANIFEST_WRONG_VALUE: {
    message: "值的类型或形式不对：{reason}",
    hint: "试试：flyball docs <section>",
  },
  FB_MANIFEST_MISSING_KEY: { message: "缺少一个键：{reason}", hint: "请补上这个键" },
  FB_MANIFEST_CONFLICT: {
    message: "几个键不能同时使用：{reason}",
    hint: "请删除其中一个；消息中写有哪些可以同时使用",
  },
  FB_MANIFEST_UNKNOWN_NAME: { message: "这个名称不属于任何东西：{reason}", hint: "请声明它，或改正名称" },
  FB_MANIFEST_CYCLE: { message: "依赖关系形成了环：{reason}", hint: "请删除环中的一个 depends_on" },
  FB_MANIFEST_PORT_CLASH: { message: "同一个端口被要求了两次：{reason}", hint: "请为其中一个选择其他端口" },
  FB_MANIFEST_NAME_CLASH: {
    message: "两个名称会变成同一个环境变量：{reason}",
    hint: "请改掉其中一个名称，或给模型的授予指定自己的前缀：models: { chat: { env: OPENAI } }",
  },
  FB_MANIFEST_ROUTE_CLASH: {
    message: "两条路由匹配同样的请求：{reason}",
    hint: "请给其中一条更长的路径、方法、主机名或请求头",
  },
  FB_MANIFEST_VARIABLE: {
    message: "有变量无法填充：{reason}",
    hint: "请设置该变量，或写一个默认值：${NAME:-default}",
  },
  FB_MANIFEST_PLACEHOLDER: {
    message: "启动时占位符未知，或写在了不该写的地方：{reason}",
    hint: "${secrets.x}、${instance.port}、${instance.ordinal}、${services.x.address} 和 ${services.x.url} 写在 command 和 environment 中",
  },
  FB_MANIFEST_REGION: {
    message: "数据会离开允许的区域：{reason}",
    hint: "请使用 data.allowed_regions 中某个区域的后端",
  },
  FB_MANIFEST_EXPOSED: {
    message: "该地址可以被其他机器访问：{reason}",
    hint: "请使用 127.0.0.1；要服务外部客户端，可在本机前置一个代理",
  },
  FB_MANIFEST_REFUSED_ADDRESS: {
    message: "提供商不能使用该地址：{reason}",
    hint: "请写提供商自己的地址；该处可能会给出本机的凭据",
  },
  FB_MANIFEST_LITERAL_SECRET: {
    message: "清单中写有密钥：{reason}",
    hint: '请给它一个名称：secrets: { x: { env: X_KEY } }，然后写 api_key: "${secrets.x}"',
  },
  FB_MANIFEST_INCLUDE: {
    message: "无法包含该文件：{reason}",
    hint: "文件不能循环包含；至多 8 层",
  },

  FB_DRILL_CATALOGUE: {
    message: "故障目录无效：{summary}",
    hint: "请改正上面指出的行；packages/drill/README.md 说明一个故障由哪些字段组成",
  },
  FB_DRILL_INJECT: {
    message: "无法制造故障 {fault}：{reason}",
    hint: "没有任何改变，或已恢复原状。试试：flyball drill list，其中列出每种故障的前提",
  },
  FB_DRILL_UNDO: {
    message: "无法撤销故障 {fault}：{reason}",
    hint: "试试：flyball drill run crash，它会先撤销以前的演练遗留的故障",
  },

  FB_CLI_USAGE: { message: "{reason}", hint: "试试：{command}" },
  FB_CLI_NOT_RUNNING: { message: "{app} 没有在运行", hint: "试试：{command}" },
  FB_CLI_AMBIGUOUS_APP: {
    message: "这里没有 flyball.yaml，而且有多个应用在运行：{apps}",
    hint: "请指定清单。试试：flyball --file {path} ps",
  },
  FB_CLI_TIMED_OUT: { message: "{what}超过了 {timeoutSeconds} 秒", hint: "{remedy}" },
  FB_CLI_SECRET_MISSING: { message: "密钥 {secret} 没有值：{reason}", hint: "{remedy}" },
  FB_CLI_MODEL_UNUSABLE: { message: "--model {choice} 无法使用：{reason}", hint: "{remedy}" },
  FB_CLI_STATE_UNUSABLE: {
    message: "状态文件夹 {path} 无法使用：{reason}",
    hint: "请换一个。试试：export FLYBALL_STATE=/tmp/flyball",
  },
  FB_CLI_KEEPER_FAILED: { message: "守护进程在启动时结束了：{reason}", hint: "其日志是 {path}。试试：flyball doctor" },
  FB_CLI_FILE_EXISTS: { message: "{path} 已经存在，不会被覆盖", hint: "试试：flyball init --force" },

  FB_CONTROL_INTERNAL: { message: "控制进程内部错误；详情见其日志", hint: "试试：flyball doctor" },
  FB_CONTROL_UNREACHABLE: { message: "控制进程在 {url} 没有应答", hint: "试试：flyball doctor" },
  FB_CONTROL_UNAUTHORISED: { message: "令牌缺失或不正确", hint: "令牌在应用的状态文件夹中，启动应用的用户可以读取" },
  FB_CONTROL_NOT_FOUND: { message: "没有 {what} {name}", hint: "{remedy}" },
  FB_CONTROL_BAD_REQUEST: { message: "请求无法使用：{reason}", hint: "请对照 docs/reference/control-api.md" },
  FB_CONTROL_CALL_UNKNOWN: {
    message: "没有编号为 {id} 的请求",
    hint: "编号在回答的 x-request-id 响应头中。网关记得每个工作线程最近的 2,000 个请求，账本保存已结束的模型调用",
  },
  FB_CONTROL_GATEWAY_AWAY: { message: "网关没有回答：{reason}", hint: "请尝试：flyball status" },
  FB_CONTROL_STORE_NEWER: {
    message: "{path} 处的存储格式为 {seen}；本程序认识 {known}",
    hint: "请使用更新的 Flyball，或恢复存储旁边的备份",
  },
  FB_CONTROL_STORE_UNWRITABLE: {
    message: "{path} 处的存储无法写入：{reason}",
    hint: "请腾出磁盘空间，或允许写入该文件夹；其间应用照常运行。试试：df -h {path}",
  },
  FB_STATE_UNWRITABLE: {
    message: "{path} 无法写入：{reason}",
    hint: "请腾出磁盘空间，或允许写入该文件夹；文件原有内容保持不变。试试：df -h",
  },
  FB_CONTROL_NO_ROOM: {
    message: "{service} 需要 {wanted}；空闲 {free}。需要让出的是：{holders}",
    hint: "请减少预留或实例数量。试试：flyball top",
  },
  FB_CONTROL_SNAPSHOT_REFUSED: {
    message: "网关拒绝了版本 {revision}：{reason}",
    hint: "之前的内容继续提供服务。请改正清单，或回到之前的版本。试试：flyball rollback",
  },
  FB_CONTROL_NO_EARLIER_REVISION: {
    message: "版本 {current} 之前没有别的已达到的版本",
    hint: "仍要回去时，请写明版本号。试试：flyball history",
  },
  FB_CONTROL_START_FAILED: { message: "{service} 未能就绪：{reason}", hint: "试试：flyball logs {service}" },

  FB_DRIVER_FIELD_REFUSED: {
    message: "{driver} 驱动无法满足 {service} 的 {field}：{reason}",
    hint: "请用 overlay 为该目标去掉这个字段，或使用其他目标",
  },
  FB_DRIVER_NO_PORT: {
    message: "{service} 在 {from} 到 {to} 之间没有空闲端口",
    hint: "请停止占用端口的程序，或用 ports: [{ name: http, port: … }] 指定一个",
  },
  FB_DRIVER_NO_GPU: {
    message: "{service} 预留 {total} 块 GPU 中的 {wanted} 块，空闲的有 {free} 块",
    hint: "请停止占用 GPU 的程序，或减少 resources: { reservations: { gpus: … } }",
  },
  FB_DRIVER_PORT_TAKEN: {
    message: "{service} 需要端口 {port}，它被 {holder} 占用",
    hint: "请停止占用该端口的程序，或去掉 `port`，让程序监听 $PORT",
  },
  FB_DRIVER_PLACEHOLDER: { message: "{service} 使用了 {placeholder}：{reason}", hint: "试试：flyball docs services" },
  FB_DRIVER_START_FAILED: { message: "无法启动 {service}：{reason}", hint: "试试：flyball logs {service}" },
  FB_DRIVER_STOP_FAILED: {
    message: "SIGKILL 之后 {waitedMs} 毫秒，{instance} 仍在运行",
    hint: "内核扣住了该进程，常因文件系统或设备没有应答。试试：ps -o pid,stat,wchan,args",
  },
  FB_DRIVER_ORDINAL_TAKEN: {
    message: "无法再次启动 {instance}：它的另一个实例正在运行或启动",
    hint: "试试：flyball ps",
  },
  FB_DRIVER_COMMAND_TIMED_OUT: {
    message: "{instance} 中的命令 {command} 超过了 {timeoutMs} 毫秒",
    hint: "请提高健康检查的 timeout，或让命令更快",
  },
  FB_DRIVER_UNKNOWN_INSTANCE: { message: "没有实例 {handle}", hint: "试试：flyball ps" },

  FB_KEEPER_UNREACHABLE: { message: "{path} 处没有守护进程应答", hint: "应用没有在运行。试试：flyball up" },
  FB_KEEPER_PROTOCOL: {
    message: "守护进程使用 {seen}，本程序使用 {expected}",
    hint: "应用是由另一个版本的 Flyball 启动的。试试：flyball down，再运行 flyball up",
  },
  FB_KEEPER_SPAWN: { message: "无法启动 {command}：{reason}", hint: "请检查程序存在且可执行，并且 working_dir 存在" },
  FB_KEEPER_BIND: { message: "无法绑定 {host}:{port}：{reason}", hint: "请选择其他端口，或停止占用它的程序" },
  FB_KEEPER_RUNNING: { message: "{path} 处已有守护进程应答", hint: "应用已在运行。试试：flyball status" },
  FB_KEEPER_SECRET: { message: "守护进程没有密钥 {name}", hint: "请在清单的 secrets: 中写明该密钥。试试：flyball up" },
  FB_KEEPER_SYSTEM: {
    message: "{name} 未能就绪：{reason}",
    hint: "之前的那个继续运行。原因在应用状态文件夹的 logs/@{name}/0.log 中",
  },
  FB_KEEPER_FAILED: { message: "守护进程无法完成 {method}：{reason}", hint: "请连同守护进程的日志一起报告" },
  FB_KEEPER_UNKNOWN: { message: "守护进程不认识 {what} {name}", hint: "请连同守护进程的日志一起报告" },

  FB_GATEWAY_NO_ROUTE: { message: "{method} {path} 没有路由", hint: "请对照 flyball.yaml 中的 routes" },
  FB_GATEWAY_NO_ENDPOINT: { message: "{service} 没有就绪的实例", hint: "试试：flyball status" },
  FB_GATEWAY_CONNECT: {
    message: "{service} 没有实例接受连接；请求没有被执行",
    hint: "可以放心地再次发送请求",
  },
  FB_GATEWAY_UPSTREAM_LOST: {
    message: "请求发出之后，与 {service} 的连接断开了；请求可能已被执行",
    hint: "只有幂等的请求才可再次发送，或用 retries: { unsafe: true } 明确允许",
  },
  FB_GATEWAY_TIMEOUT: {
    message: "{service} 在 {timeoutMs} 毫秒内没有应答；请求可能已被执行",
    hint: "请提高路由或服务的 timeouts，或查看 flyball logs",
  },
  FB_GATEWAY_HEADERS_TOO_LARGE: {
    message: "请求头超过 {limit}",
    hint: "请减少或缩短请求头；常见原因是 cookie",
  },
  FB_GATEWAY_URL_TOO_LONG: { message: "请求的 URL 超过 {limitBytes} 字节", hint: "请把数据放在请求体中发送" },
  FB_GATEWAY_BODY_TOO_LARGE: { message: "请求体超过 {limitBytes} 字节", hint: "请发送更小的请求体" },
  FB_GATEWAY_BAD_REQUEST: { message: "无法读取请求：{reason}", hint: "请改正请求" },
  FB_GATEWAY_MODEL_NOT_FOUND: {
    message: "模型 {model} 不存在，或没有授予这个密钥",
    hint: "GET /v1/models 列出这个密钥可以使用的模型",
  },
  FB_GATEWAY_KEY_INVALID: {
    message: "API 密钥缺失或未知",
    hint: "服务从 FLYBALL_<MODEL>_API_KEY 得到它的密钥；人可以用 flyball keys create 创建密钥",
  },
  FB_GATEWAY_KEY_ROUTE: {
    message: "这个 API 密钥不能访问该路由",
    hint: "请使用可以访问该路由的密钥；flyball keys list 显示每个密钥可以访问什么",
  },
  FB_GATEWAY_IDENTITY_UNAVAILABLE: {
    message: "现在无法判断令牌是否有效：尚未取得其签发者的公钥",
    hint: "请稍后再次发送请求，或使用 API 密钥",
  },
  FB_GATEWAY_SATURATED: {
    message: "{service} 的每个实例的请求数都已达到其连接上限",
    hint: "请稍后再次发送请求，或提高 replicas",
  },
  FB_GATEWAY_BODY_STALLED: {
    message: "请求体的其余部分没有在 {timeoutMs} 毫秒内到达",
    hint: "请在更好的连接上再次发送请求，或提高路由的 timeouts",
  },
  FB_GATEWAY_DEADLINE: {
    message: "请求转发之前，它所带的截止时间已过；请求没有被执行",
    hint: "请给请求更多时间：请求头 x-flyball-deadline 是自 1970 年起的毫秒数",
  },
  FB_GATEWAY_PROTOCOL: {
    message: "这里不支持 {protocol}",
    hint: "请使用 HTTP/1.1；WebSocket 可以经过普通路由。服务可以用 protocol: tcp 访问 gRPC 端口",
  },
  FB_GATEWAY_BACKENDS_FAILED: {
    message: "模型 {model} 没有后端给出应答：{reason}",
    hint: "可以放心地再次发送请求。试试：flyball status",
  },
  FB_GATEWAY_STREAM_CUT: {
    message: "{model} 的应答中断了：{reason}；之前收到的内容不完整",
    hint: "请再次发送请求",
  },
  FB_GATEWAY_STOPPING: {
    message: "网关在应答完整之前停止了；请求可能已被执行",
    hint: "如果这个请求可以执行两次，请在 retry-after 所写的时间之后再次发送",
  },
  FB_GATEWAY_NOT_READY: { message: "网关还没有快照", hint: "请稍后再次发送请求" },
  FB_GATEWAY_NOT_TRANSLATABLE: {
    message: "{field} 无法发给 {model} 的后端：{reason}",
    hint: "请去掉这个字段，或添加一个使用客户端所用 API 的后端",
  },
  FB_GATEWAY_LONG_CALL: {
    message: "无法完整读取这次调用的长请求体：{reason}；请求没有被执行",
    hint: "请重新发送，或减少一次调用中的内容",
  },
  FB_GATEWAY_LIMIT: {
    message: "{subject} 已用完它的限额 {limit}",
    hint: "请在 retry-after 所写的时间之后再次发送请求，或提高 limits",
  },
  FB_GATEWAY_LIMIT_LATE: {
    message: "限额存储应答过迟：尚不知道 {subject} 的限额 {limit} 是否还有余量",
    hint: "请在 retry-after 所写的时间之后再次发送请求。若反复出现，请检查 gateway.limit_store 及其网络路径",
  },
  FB_GATEWAY_LIMIT_AWAY: {
    message: "无法连接限额存储，按限额 {limit} 的规定，此时拒绝 {subject}",
    hint: "请在 retry-after 所写的时间之后再次发送请求。请恢复存储，或设置 on_store_loss: local-share",
  },
  FB_GATEWAY_LIMIT_TOO_SMALL: {
    message: "请求需要 {needed}，而 {subject} 只可使用 {limit}",
    hint: "请发送更短的请求，用 max_tokens 限制应答，或提高 limits",
  },
  FB_GATEWAY_BUDGET: {
    message: "{subject} 已花完它的预算 {limit}",
    hint: "请等到下一个周期，或提高 budget；见 flyball keys usage",
  },
  FB_GATEWAY_BUDGET_UNKNOWN_PRICE: {
    message: "{subject} 有预算，但 {model} 的价格未知",
    hint: "请在清单的 prices: { <提供商>: { <模型>: … } } 中写明价格，或去掉预算。试试：flyball docs prices",
  },
  FB_GATEWAY_LEDGER_FULL: {
    message: "无法记下用量，因此拒绝带预算的调用",
    hint: "请在应用存放状态的地方腾出空间。试试：flyball doctor",
  },
  FB_GATEWAY_COOLING: {
    message: "{model} 的每个后端都要求暂停：{reason}；最早的在 {seconds} 秒后恢复",
    hint: "请在 retry-after 所写的时间之后再次发送请求",
  },
  FB_GATEWAY_OVERLOADED: {
    message: "{service} 负载过高；请求没有被执行",
    hint: "在 retry-after 给出的时间之后重新发送请求",
  },
  FB_GATEWAY_SHED: {
    message: "{model} 负载过高；请求没有被执行",
    hint: "请在 retry-after 所写的时间之后再次发送请求",
  },
  FB_GATEWAY_STREAM_LATE: {
    message: "限额存储应答过迟：不知道 {subject} 的限额 {limit} 是否还有余量；应答到此为止",
    hint: "请再次发送请求，或用 max_tokens 限制应答，使其全部事先预留",
  },
  FB_GATEWAY_STREAM_SPENT: {
    message: "{subject} 已用完它的限额 {limit}；应答到此为止",
    hint: "请用 max_tokens 限制应答，或提高 limits",
  },
};
