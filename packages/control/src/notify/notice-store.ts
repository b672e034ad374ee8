// What of notices outlives a restart of control: what was told, and what waits to be sent. Both are written in one transaction, so that nothing is
// told and then forgotten, or sent and told again.
import type { NoticeBook } from "./notice-book.ts";
import type { QueuedNotice } from "./notice.ts";

/** Part of the store. */
export interface NoticeStore {
  /** Empty before there was any. */
  book(): NoticeBook;
  commit(change: { readonly book: NoticeBook; readonly added: readonly QueuedNotice[] }): void;
  /** In the order in which they were added. */
  queued(): readonly QueuedNotice[];
  update(notice: QueuedNotice): void;
  remove(notice: Pick<QueuedNotice, "id" | "channel">): void;
}
