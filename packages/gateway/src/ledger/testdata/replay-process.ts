// Replays a folder as a gateway that starts does, and says what it found. Arguments: folder, name of the writer, wall time.
import { replayJournals } from "../replay.ts";

const [, , folder = "", writer = "", now = ""] = process.argv;
const { spent, lostCalls, unwritten } = replayJournals({
  folder,
  writer,
  identity: { pid: process.pid, startTicks: 0, bootId: "" },
  now: Number(now),
  isAlive: () => false,
});
process.stdout.write(`${JSON.stringify({ spent: [...spent], lostCalls, unwritten: unwritten?.message })}\n`);
