// Measures the quality of the answers: how many known questions are answered from the right passage, and how often an
// unknown one gets an invented answer. Usage: node evaluate.ts questions.json http://127.0.0.1:5000/ask
import { readFileSync } from "node:fs";
import { askQuestion, judgeReply, readEvaluation, summarise } from "./evaluation.ts";
import type { Verdict } from "./evaluation.ts";

/** Questions asked at the same time. */
const parallelCount = 4;

const [file, address] = process.argv.slice(2);
if (file === undefined || address === undefined) {
  process.stderr.write("Usage: node evaluate.ts <questions.json> <address of /ask>\n");
  process.exit(2);
}
const questions = readEvaluation(readFileSync(file, "utf8"));
const verdicts: Verdict[] = [];
const waiting = questions.values();
const work = async (): Promise<void> => {
  for (const asked of waiting) {
    const verdict = judgeReply(asked, await askQuestion(address, asked.question));
    verdicts.push(verdict);
    if (verdict.outcome !== "right") process.stderr.write(`${verdict.outcome}\t${asked.question}\t${verdict.detail}\n`);
  }
};
await Promise.all(Array.from({ length: parallelCount }, work));
const { text, passed } = summarise(verdicts);
process.stdout.write(`${text}\n`);
process.exitCode = passed ? 0 : 1;
