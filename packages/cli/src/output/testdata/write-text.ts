// Writes one text and says so. Arguments: folder, text.
import { writeWholeFile } from "../write-whole-file.ts";

const [, , folder = "", text = ""] = process.argv;
writeWholeFile("page.txt", folder, text);
process.stdout.write("written\n");
