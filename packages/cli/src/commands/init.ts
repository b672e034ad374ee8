// `flyball init`: writes a commented flyball.yaml for the programs of this folder, checks it as `up` would, and names the next commands.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { FlyballError } from "@flyball/core";
import { formatProblems, loadManifest } from "@flyball/core/manifest";
import { MANIFEST_NAME } from "../app/locate-manifest.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { flagOption } from "../command-line/command-input.ts";
import { findServices } from "../init/find-services.ts";
import type { ProjectFolder } from "../init/found-service.ts";
import { renderManifest } from "../init/render-manifest.ts";
import { toServiceName } from "../init/service-name.ts";
import { writeWholeFile } from "../output/write-whole-file.ts";

/** Runs the command. */
export async function init(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate, workingDirectory, commandName, environment } = context;
  const path = join(workingDirectory, MANIFEST_NAME);
  if (existsSync(path) && !flagOption(input, "force")) throw new FlyballError("FB_CLI_FILE_EXISTS", { path });
  const found = findServices(openFolder(workingDirectory));
  const text = renderManifest(toServiceName(basename(workingDirectory)), found, translate);
  writeWholeFile(MANIFEST_NAME, workingDirectory, text, "flyball init --help");
  const loaded = await loadManifest({ path, environment, readFile: async (file) => readFileSync(file, "utf8") });
  const services = found.services.map(({ name, source }) => ({ name, source }));
  output.value({ path, services }, () =>
    [
      translate("init.written", { path }),
      ...services.map(({ name, source }) => `  ${name}${source === "" ? "" : `  (${source})`}`),
    ].join("\n"),
  );
  if (!loaded.ok)
    output.note(
      `! ${translate("init.needs-work")}\n${formatProblems(loaded.problems, { relativeTo: workingDirectory })}`,
    );
  output.note(`\n${translate("try.title")}`);
  output.note(`  ${commandName} config\n  ${commandName} up`);
  return 0;
}

/** A folder of the disk; what cannot be read is not there. */
export function openFolder(root: string): ProjectFolder {
  return {
    name: basename(root),
    read(path) {
      try {
        return readFileSync(join(root, path), "utf8");
      } catch {
        return undefined;
      }
    },
    folders() {
      try {
        return readdirSync(root, { withFileTypes: true })
          .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
          .map((entry) => entry.name)
          .toSorted();
      } catch {
        return [];
      }
    },
  };
}
