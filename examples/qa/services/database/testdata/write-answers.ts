// Stores answers, judges and replaces some, and says after each what is done. Arguments: folder, number of answers.
import { writeSync } from "node:fs";
import { createAnswerStore } from "../answer-store.ts";
import { openDatabase } from "../open-database.ts";

const [, , folder = "", count = ""] = process.argv;
const database = openDatabase(folder);
const answers = createAnswerStore({
  database,
  now: () => 0,
  timeToLiveMs: 1_000,
  maximumCount: 1_000,
  servesCandidates: true,
});
for (let number = 1; number <= Number(count); number += 1) {
  const answer = { question: `Question ${number}?`, answer: `Answer ${number}.`, sources: [] };
  answers.add({ ...answer, model: "old", revision: null });
  writeSync(1, `old ${number}\n`);
  const { id } = answers.add({ ...answer, model: "new", revision: null });
  writeSync(1, `new ${number}\n`);
  answers.judge(id, "approved");
  writeSync(1, `approved ${number}\n`);
}
database.close();
