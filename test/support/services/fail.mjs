// Says what is wrong and leaves: EXIT_CODE after AFTER_MS, with the texts of SAYS (separated by `|`).
for (const text of (process.env.SAYS ?? "").split("|")) console.error(text);
setTimeout(() => process.exit(Number(process.env.EXIT_CODE ?? 1)), Number(process.env.AFTER_MS ?? 0));
