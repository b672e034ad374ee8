// A custom robot of DingTalk. With a secret its address gets the time in milliseconds and a signature over time and secret. Plain text: in
// markdown, words of other programs could become links.
import { createHmac } from "node:crypto";
import type { Channel, HookPlace } from "../channel.ts";
import { cutText } from "../cut-text.ts";
import { judgeRobot } from "../judge-answer.ts";
import { plainText } from "../notice-message.ts";

const MOST_BYTES = 16_000;
/** Too many messages; the system is busy. */
const VERDICT = { code: ["errcode"], text: ["errmsg"], later: [130_101, 660_026, -1] };

export const dingtalk = {
  type: "dingtalk",
  compose: (message, place) => ({
    url: signedUrl(place),
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ msgtype: "text", text: { content: cutText(plainText(message), MOST_BYTES) } }),
  }),
  judge: (answer, now) => judgeRobot(answer, now, VERDICT),
} satisfies Channel;

function signedUrl({ url, secret, now }: HookPlace): string {
  if (secret === undefined) return url;
  const timestamp = String(Math.floor(now));
  const sign = createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64");
  const separator = url.includes("?") ? "&" : "?";
  return `${url}${separator}timestamp=${timestamp}&sign=${encodeURIComponent(sign)}`;
}
