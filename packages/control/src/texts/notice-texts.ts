// Texts of notices, in English; a part of the catalogue in control-texts.ts.

/** What people are told of incidents. */
export const NOTICE_TEXTS = {
  "notice.opened": "FIRING",
  "notice.worse": "WORSE",
  "notice.flapping": "FLAPPING",
  "notice.data-missing": "NO DATA",
  "notice.repeat": "STILL FIRING",
  "notice.resolved": "RESOLVED",
  "notice.closed": "CLOSED",
  "notice.test": "TEST",
  "notice.heartbeat": "HEARTBEAT",
  "notice.warning": "warning",
  "notice.critical": "critical",
  "notice.title": "[{state}] {app}: {what}",
  "notice.and-more": "{first}; and {count} more",
  "notice.heading": "#{number} ({severity}) {summary}",
  "notice.since": "Since {from}; seen after {detection} s.",
  "notice.recovered": "From {from} to {to}: recovered after {seconds} s, seen after {detection} s.",
  "notice.ended": "From {from} to {to}; it ended without recovery.",
  "notice.done": "Last step: {done}.",
  "notice.comes-and-goes":
    "It began {episodes} times. What follows is folded; its end is told when it was quiet for {minutes} minutes.",
  "notice.no-data": "Nothing is seen of it since {from}: it counts as firing until it is seen to be well.",
  "notice.dependants": "Suffer from it: {names}.",
  "notice.try": "Try: flyball incidents show {number}",
  "notice.test-what": "a test notice; the channel works",
  "notice.heartbeat-what": "Flyball is alive",
} as const;
