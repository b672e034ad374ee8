// Notices in SQLite: the book as one row of meta, the queue as a table.
import type { DatabaseSync } from "node:sqlite";
import type { NoticeBook } from "../notify/notice-book.ts";
import type { QueuedNotice } from "../notify/notice.ts";
import type { NoticeStore } from "../notify/notice-store.ts";

const BOOK_KEY = "notice-book";

/** SQL of its migration. */
export const NOTICES_SCHEMA =
  "CREATE TABLE notices (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, channel TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (id, channel)) STRICT";

/** The notices of a database. */
export function noticesOf(database: DatabaseSync): NoticeStore {
  const readBook = database.prepare("SELECT value FROM meta WHERE key = ?");
  const writeBook = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
  const list = database.prepare("SELECT body FROM notices ORDER BY sequence");
  const insert = database.prepare("INSERT OR IGNORE INTO notices (id, channel, body) VALUES (?, ?, ?)");
  const update = database.prepare("UPDATE notices SET body = ? WHERE id = ? AND channel = ?");
  const remove = database.prepare("DELETE FROM notices WHERE id = ? AND channel = ?");
  return {
    book() {
      const row = readBook.get(BOOK_KEY) as { value: string } | undefined;
      return row === undefined ? {} : (JSON.parse(row.value) as NoticeBook);
    },
    commit({ book, added }) {
      database.exec("BEGIN");
      try {
        writeBook.run(BOOK_KEY, JSON.stringify(book));
        for (const notice of added) insert.run(notice.id, notice.channel, JSON.stringify(notice));
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    queued: () => (list.all() as unknown as { body: string }[]).map(({ body }) => JSON.parse(body) as QueuedNotice),
    update: (notice) => void update.run(JSON.stringify(notice), notice.id, notice.channel),
    remove: ({ id, channel }) => void remove.run(id, channel),
  };
}
