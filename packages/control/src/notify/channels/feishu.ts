// A custom robot of Feishu or Lark. The signature is an HMAC over nothing whose key is the time in seconds and the secret. A post with text
// parts: in a plain text message, words of other programs could mention everybody.
import { createHmac } from "node:crypto";
import type { Channel, HookPlace } from "../channel.ts";
import { cutText } from "../cut-text.ts";
import { judgeRobot } from "../judge-answer.ts";
import { plainText, type NoticeMessage } from "../notice-message.ts";

const MOST_BYTES = 15_000;
/** Too many messages. */
const VERDICT = { code: ["code", "StatusCode"], text: ["msg", "StatusMessage"], later: [9_499, 11_232] };

export const feishu = {
  type: "feishu",
  compose: (message, place) => ({
    url: place.url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...signature(place), msg_type: "post", content: { post: { zh_cn: post(message) } } }),
  }),
  judge: (answer, now) => judgeRobot(answer, now, VERDICT),
} satisfies Channel;

function signature({ secret, now }: HookPlace): { readonly timestamp?: string; readonly sign?: string } {
  if (secret === undefined) return {};
  const timestamp = String(Math.floor(now / 1_000));
  return { timestamp, sign: createHmac("sha256", `${timestamp}\n${secret}`).update("").digest("base64") };
}

function post(message: NoticeMessage): unknown {
  const [title = "", ...lines] = cutText(plainText(message), MOST_BYTES).split("\n");
  const parts = lines.filter((line) => line !== "").map((text) => [{ tag: "text", text }]);
  return { title, content: parts.length === 0 ? [[{ tag: "text", text: title }]] : parts };
}
