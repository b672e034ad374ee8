// A group robot of WeCom. Its address is its secret; there is nothing to sign. Text of at most 2048 bytes.
import type { Channel } from "../channel.ts";
import { cutText } from "../cut-text.ts";
import { judgeRobot } from "../judge-answer.ts";
import { plainText } from "../notice-message.ts";

const MOST_BYTES = 2_048;
/** Too many messages; the system is busy. */
const VERDICT = { code: ["errcode"], text: ["errmsg"], later: [45_009, -1] };

export const wecom = {
  type: "wecom",
  compose: (message, { url }) => ({
    url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ msgtype: "text", text: { content: cutText(plainText(message), MOST_BYTES) } }),
  }),
  judge: (answer, now) => judgeRobot(answer, now, VERDICT),
} satisfies Channel;
