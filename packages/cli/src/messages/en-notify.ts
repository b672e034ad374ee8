// Texts of `flyball notify` in English. en.ts takes them in; zh-notify.ts has the same keys.

/** A part of the catalogue. */
export const enNotify = {
  "command.notify": "Show the channels that people are told of incidents by, and how each fares",
  "command.notify-test": "Send a test notice to one channel, or to all, and show what the other side answers",

  "notify.none": "The manifest names no channel. Try: flyball docs notify",
  "notify.channel": "CHANNEL",
  "notify.type": "TYPE",
  "notify.state": "STATE",
  "notify.queued": "WAITING",
  "notify.lost": "LOST",
  "notify.delivered": "LAST SENT",
  "notify.failure": "LAST FAILURE",
  "notify.unused": "unused",
  "notify.works": "✓ works",
  "notify.fails": "✗ fails",
  "notify.tested": "✓ {channel} ({type}): {answer}",
  "notify.test-failed": "✗ {channel} ({type}): {answer}",
  "notify.failing":
    "✗ notices do not reach {channel} ({type}): {failure}; {queued} waiting, {lost} lost. Try: flyball notify test {channel}",
} as const;
