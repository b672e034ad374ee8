// `flyball drill run`: makes faults on purpose, on a copy of the app, and measures how fast it is well again.
import { exitCodeOf } from "@flyball/drill";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { readManifest } from "../app/read-manifest.ts";
import { chooseFaults, readCatalogue } from "../drill/catalogue.ts";
import { checkSpend } from "../drill/check-spend.ts";
import { parseDrillOptions } from "../drill/drill-options.ts";
import { drillText } from "../drill/drill-text.ts";
import { keepDrill, layoutOf } from "../drill/history.ts";
import { drillPage } from "../drill/report/drill-page.ts";
import { wordText } from "../drill/word-text.ts";
import { runDrill } from "../drill/run-drill.ts";
import { checkWritable, writeWholeFile } from "../output/write-whole-file.ts";

const INTERRUPTED = 130;

/** Runs the command: 0 all targets kept, 1 one was missed, 3 the app was not well before, 130 interrupted. */
export async function drillRun(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate, workingDirectory, language, version } = context;
  const options = parseDrillOptions(input);
  const all = await readCatalogue();
  const faults = options.isAll ? all : chooseFaults(all, options.faults);
  for (const path of [options.recordPath, options.pagePath])
    if (path !== undefined) checkWritable(path, workingDirectory);
  const manifest = await readManifest(context, { target: options.target });
  checkSpend(manifest.spec, options.maySpend);
  const interrupted = new AbortController();
  const stopListening = context.interruptions.listen(() => {
    output.note(translate("drill.stopping"));
    interrupted.abort(new Error("interrupted"));
  });
  try {
    const report = await runDrill({
      context,
      options,
      faults,
      signal: interrupted.signal,
      onWord: (word, planned) => {
        const text = wordText(word, planned, translate);
        if (text !== "") output.note(text);
      },
    });
    if (options.recordPath !== undefined)
      writeWholeFile(options.recordPath, workingDirectory, `${JSON.stringify(report)}\n`);
    if (options.pagePath !== undefined)
      writeWholeFile(options.pagePath, workingDirectory, drillPage(report, { language, translate, version }));
    keepDrill(layoutOf(context, manifest), report);
    output.value(report, (style) => drillText(report, translate, style));
    return interrupted.signal.aborted ? INTERRUPTED : exitCodeOf(report);
  } catch (error) {
    if (interrupted.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    stopListening();
  }
}
