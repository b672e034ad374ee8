// 错误表的中文文本：命令行会遇到的每个代码一行，占位符与错误表相同，由测试保证。
import type { ErrorCode } from "@flyball/core";

/** What the error table says, in Chinese. */
export const zhErrors: Readonly<Partial<Record<ErrorCode, { readonly message: string; readonly hint: string }>>> = {
  FB_MANIFEST_NOT_FOUND: { message: "{path} 处没有清单", hint: "试试：flyball init" },
  FB_MANIFEST_INVALID: { message: "清单无效：{summary}", hint: "请改正上面列出的各行。试试：flyball docs" },
};
