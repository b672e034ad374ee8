// 错误表的中文文本：命令行会遇到的每个代码一行，占位符与错误表相同，由编译器和测试保证。
import type { ErrorCode } from "@flyball/core";

/** Codes that a command can end with. The gateway answers its own codes to clients; single problems of a manifest come inside one. */
export type ShownErrorCode =
  | Exclude<ErrorCode, `FB_GATEWAY_${string}` | `FB_MANIFEST_${string}`>
  | "FB_MANIFEST_NOT_FOUND"
  | "FB_MANIFEST_INVALID";

/** What the error table says, in Chinese. */
export const zhErrors: Readonly<Record<ShownErrorCode, { readonly message: string; readonly hint: string }>> = {
  FB_MANIFEST_NOT_FOUND: { message: "{path} 处没有清单", hint: "试试：flyball init" },
  FB_MANIFEST_INVALID: { message: "清单无效：{summary}", hint: "请改正上面列出的各行。试试：flyball docs" },

  FB_CLI_USAGE: { message: "{reason}", hint: "试试：{command}" },
  FB_CLI_NOT_RUNNING: { message: "{app} 没有在运行", hint: "试试：flyball up" },
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
  FB_CONTROL_STORE_NEWER: {
    message: "{path} 处的存储格式为 {seen}；本程序认识 {known}",
    hint: "请使用更新的 Flyball，或恢复存储旁边的备份",
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
};
