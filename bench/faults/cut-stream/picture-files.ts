// Where the picture of the README lies, and the run that it was drawn of.
import { join } from "node:path";
import type { PictureLanguage } from "./draw-cut-stream.ts";

const IMAGES = join(import.meta.dirname, "..", "..", "..", "docs", "images");

/** The run. */
export const RUN_FILE = join(import.meta.dirname, "run.json");
/** The pictures by language. */
export const PICTURE_FILES: readonly (readonly [language: PictureLanguage, file: string])[] = [
  ["en", join(IMAGES, "cut-stream.svg")],
  ["zh", join(IMAGES, "cut-stream.zh-CN.svg")],
];
