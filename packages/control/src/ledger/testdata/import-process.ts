// Imports a folder of journals into a book as control does, and says what was new. Arguments: folder, path of the store.
import { importJournals } from "../import-journals.ts";
import { openSqliteLedger } from "../sqlite-ledger.ts";

const [, , folder = "", path = ""] = process.argv;
const book = openSqliteLedger(path, () => "UTC");
const { calls } = await importJournals(folder, book, { now: Date.UTC(2026, 10, 24) });
process.stdout.write(`${calls}\n`);
book.close();
