// An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat). The three signs that Slack reads as markup are
// written as it asks: words of other programs must not call a whole channel.
import type { Channel } from "../channel.ts";
import { cutText } from "../cut-text.ts";
import { judgeStatus } from "../judge-answer.ts";
import { plainText } from "../notice-message.ts";

const MOST_BYTES = 12_000;

export const slack = {
  type: "slack",
  compose: (message, { url }) => ({
    url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: escaped(cutText(plainText(message), MOST_BYTES)) }),
  }),
  judge: judgeStatus,
} satisfies Channel;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
