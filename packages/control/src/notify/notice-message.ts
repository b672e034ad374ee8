// A notice in words, before a channel gives it its form. Words of other programs (an error, the last line of a log) are cut to one line: they
// must not become the bulk of a message.
import type { ComposedText } from "@flyball/core";
import { composeText, firstLineOf } from "../texts/compose-text.ts";
import { FLAP_WINDOW_MS } from "./notice-book.ts";
import type { NoticeDraft, NoticeEntry, NoticeKind } from "./notice.ts";

/** What the channels make their payloads of. */
export interface NoticeMessage {
  readonly id: string;
  readonly at: number;
  readonly app: string;
  /** Name of the channel. */
  readonly channel: string;
  readonly kind: NoticeKind;
  readonly title: string;
  readonly sections: readonly NoticeSection[];
  /** Entries beyond those. */
  readonly omitted: number;
}

/** One entry in words. */
export interface NoticeSection {
  readonly entry: NoticeEntry;
  readonly summary: string;
  readonly heading: string;
  readonly lines: readonly string[];
}

/** What goes into the words besides the notice itself. */
export interface MessageSetting {
  readonly app: string;
  readonly channel: string;
  readonly timeZone: string;
  /** In the language of the notices. */
  readonly say: (text: ComposedText) => string;
}

const MOST_CHARACTERS = 400;
/** More entries are counted, not told. */
const MOST_SECTIONS = 20;

/** Puts a notice into words. */
export function composeMessage(
  { id, kind, at, entries }: NoticeDraft & { readonly id: string },
  setting: MessageSetting,
): NoticeMessage {
  const { app, channel, say } = setting;
  const what = { key: "verbatim", values: { text: whatOf(kind, entries, setting) } };
  return {
    id,
    at,
    app,
    channel,
    kind,
    title: say(composeText("notice.title", { state: stateOf(kind, entries), app, what })),
    sections: entries.slice(0, MOST_SECTIONS).map((entry) => sectionOf(entry, kind, setting)),
    omitted: Math.max(0, entries.length - MOST_SECTIONS),
  };
}

/** The whole message as text, title first. */
export function plainText({ title, sections }: NoticeMessage): string {
  const parts = sections.map(({ heading, lines }) => [heading, ...lines].join("\n"));
  return [title, ...parts].join("\n\n");
}

function stateOf(kind: NoticeKind, entries: readonly NoticeEntry[]): ComposedText {
  const isClosed = kind === "resolved" && entries.every((entry) => entry.isClosed === true);
  return composeText(isClosed ? "notice.closed" : `notice.${kind}`);
}

function whatOf(kind: NoticeKind, entries: readonly NoticeEntry[], { say }: MessageSetting): string {
  if (kind === "test") return say(composeText("notice.test-what"));
  if (kind === "heartbeat") return say(composeText("notice.heartbeat-what"));
  const [first, ...others] = entries;
  if (first === undefined) return "";
  const one = oneLine(first.summary, say);
  return others.length === 0 ? one : say(composeText("notice.and-more", { first: one, count: others.length }));
}

function sectionOf(entry: NoticeEntry, kind: NoticeKind, setting: MessageSetting): NoticeSection {
  const { say } = setting;
  const summary = oneLine(entry.summary, say);
  const number = entry.incident;
  const severity = composeText(`notice.${entry.severity}`);
  const texts = [timesOf(entry, setting), ...remarksOf(entry, kind, setting), composeText("notice.try", { number })];
  return {
    entry,
    summary,
    heading: say(composeText("notice.heading", { number, severity, summary })),
    lines: texts.map(say),
  };
}

function timesOf(entry: NoticeEntry, { timeZone }: MessageSetting): ComposedText {
  const from = moment(entry.startedAt, timeZone);
  const detection = seconds(entry.detectionMs);
  if (entry.endedAt === undefined) return composeText("notice.since", { from, detection });
  const to = moment(entry.endedAt, timeZone);
  if (entry.isClosed === true || entry.totalMs === undefined) return composeText("notice.ended", { from, to });
  return composeText("notice.recovered", { from, to, seconds: seconds(entry.totalMs), detection });
}

function remarksOf(entry: NoticeEntry, kind: NoticeKind, { say, timeZone }: MessageSetting): ComposedText[] {
  const { episodes, dataMissingSince, done, dependants } = entry;
  return [
    ...(kind === "flapping" && episodes !== undefined
      ? [composeText("notice.comes-and-goes", { episodes, minutes: FLAP_WINDOW_MS / 60_000 })]
      : []),
    ...(dataMissingSince === undefined
      ? []
      : [composeText("notice.no-data", { from: moment(dataMissingSince, timeZone) })]),
    ...(done === undefined ? [] : [composeText("notice.done", { done: oneLine(done, say) })]),
    ...(dependants.length === 0 ? [] : [composeText("notice.dependants", { names: dependants.join(", ") })]),
  ];
}

function oneLine(text: ComposedText, say: (text: ComposedText) => string): string {
  const line = say(firstLineOf(text)).split("\n", 1)[0] ?? "";
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}…`;
}

/** `2026-03-07 14:03:09 UTC`: in the zone of the app, which readers in another one can tell. */
function moment(at: number, timeZone: string): string {
  const text = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(at);
  return `${text} ${timeZone}`;
}

function seconds(durationMs: number): string {
  return (durationMs / 1_000).toFixed(1);
}
