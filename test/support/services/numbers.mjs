// Writes numbered lines at a steady rate, `<pid> <number> <padding>`, until it is asked to stop; then `<pid> last <number>`.
// LINES_PER_SECOND, and PADDING: characters behind each number.
const perSecond = Number(process.env.LINES_PER_SECOND ?? 100);
const padding = "x".repeat(Number(process.env.PADDING ?? 0));
const startedAt = performance.now();
let written = 0;

setInterval(() => {
  const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000);
  while (written < due) console.log(`${process.pid} ${(written += 1)} ${padding}`);
}, 5);
process.on("SIGTERM", () => {
  console.log(`${process.pid} last ${written}`);
  process.exit(0);
});
