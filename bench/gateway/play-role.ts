// What a child process of the bench does.
import { once } from "node:events";
import { serveLean, type LeanPlaces } from "./candidates/serve-lean.ts";
import { runOpenLoop, type OpenLoopQuestion } from "./load/run-open-loop.ts";
import { runStreams, type StreamsQuestion } from "./load/run-streams.ts";
import { servePaced } from "./upstream/serve-paced.ts";

/** Plays a role: serves until it is ended, or answers one question of the parent and waits to be ended. */
export async function playRole(role: string | undefined, argument: string | undefined): Promise<void> {
  switch (role) {
    case "paced":
      servePaced(Number(argument));
      return;
    case "lean":
      serveLean(JSON.parse(argument ?? "") as LeanPlaces);
      return;
    case "open-loop":
      process.send?.(await runOpenLoop((await question()) as OpenLoopQuestion));
      return;
    case "streams":
      process.send?.(await runStreams((await question()) as StreamsQuestion));
      return;
    default:
      throw new Error(`no such role: ${role}`);
  }
}

async function question(): Promise<unknown> {
  const [value] = await once(process, "message");
  return value as unknown;
}
