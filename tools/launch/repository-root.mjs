// The folder that holds package.json.
import { fileURLToPath } from "node:url";

/** Absolute, without a slash at the end. */
export const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
