// Notices in SQLite: the book as one row of meta, the queue as a table.
import type { DatabaseSync } from "node:sqlite";
import type { NoticeBook } from "../notify/notice-book.ts";
import type { QueuedNotice } from "../notify/notice.ts";
import type { NoticeStore } from "../notify/notice-store.ts";
import { inTransaction } from "./in-transaction.ts";
import type { StoreWriter } from "./store-writer.ts";

const BOOK_KEY = "notice-book";

/** SQL of its migration. */
export const NOTICES_SCHEMA =
  "CREATE TABLE notices (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, channel TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (id, channel)) STRICT";

/** The notices of a database. While the disk takes nothing they are told all the same; a kill then may have some told again. */
export function noticesOf(database: DatabaseSync, { note }: StoreWriter): NoticeStore {
  const readBook = database.prepare("SELECT value FROM meta WHERE key = ?");
  const writeBook = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
  const list = database.prepare("SELECT body FROM notices ORDER BY sequence");
  const insert = database.prepare("INSERT OR IGNORE INTO notices (id, channel, body) VALUES (?, ?, ?)");
  const update = database.prepare("UPDATE notices SET body = ? WHERE id = ? AND channel = ?");
  const remove = database.prepare("DELETE FROM notices WHERE id = ? AND channel = ?");
  let commits = 0;
  return {
    book() {
      const row = readBook.get(BOOK_KEY) as { value: string } | undefined;
      return row === undefined ? {} : (JSON.parse(row.value) as NoticeBook);
    },
    commit({ book, added }) {
      commits += 1;
      note({
        key: `notice-commits/${commits}`,
        value: undefined,
        write: () =>
          inTransaction(database, () => {
            writeBook.run(BOOK_KEY, JSON.stringify(book));
            for (const notice of added) insert.run(notice.id, notice.channel, JSON.stringify(notice));
          }),
      });
    },
    queued: () => (list.all() as unknown as { body: string }[]).map(({ body }) => JSON.parse(body) as QueuedNotice),
    update: (notice) =>
      note({
        key: `notices/${notice.id}/${notice.channel}`,
        value: notice,
        write: () => void update.run(JSON.stringify(notice), notice.id, notice.channel),
      }),
    remove: ({ id, channel }) =>
      note({ key: `notices/${id}/${channel}`, value: undefined, write: () => void remove.run(id, channel) }),
  };
}
