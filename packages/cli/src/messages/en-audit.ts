// Texts of `flyball audit` in English. en.ts takes them in; zh-audit.ts has the same keys.

/** A part of the catalogue. */
export const enAudit = {
  "command.audit": "List who changed what, when and by which command; newest last",
  "option.audit-since": "Since this long ago, such as 90m, 12h or 7d (default: from the beginning)",
  "option.audit-limit": "The newest so many (default: 50, at most 1000)",
  "option.json": "The same as -o json",

  "audit.none": "Nobody changed anything",
  "audit.when": "WHEN",
  "audit.who": "WHO",
  "audit.action": "ACTION",
  "audit.command": "COMMAND",
  "audit.and-more": "{first} and {count} more",

  "audit-action.revision-write": "wrote revision",
  "audit-action.override-write": "wrote override",
  "audit-action.override-drop": "dropped override",
  "audit-action.restart": "restarted",
  "audit-action.run": "ran once",
  "audit-action.down": "ended the app",
  "audit-action.key-create": "made key",
  "audit-action.key-rotate": "gave key another value",
  "audit-action.key-revoke": "revoked key",
  "audit-action.preempt": "made room",
} as const;
