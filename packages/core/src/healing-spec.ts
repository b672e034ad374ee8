// What may be done about faults without asking a person, and when. The defaults stand here alone: the reference of the manifest and control take them
// from here.

/** Rungs of the ladder that a manifest may allow. A retry is always allowed, and so is to ask. */
export const HEALING_RUNGS = ["eject", "restart", "replace", "move", "scale", "roll-back"] as const;

/** One of them. */
export type HealingRung = (typeof HEALING_RUNGS)[number];

/** Days of the week as a manifest writes them, Sunday first as in calendars of programs. */
export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** One of them. */
export type Weekday = (typeof WEEKDAYS)[number];

/** Actions of healing in any hour, over the whole app, where the manifest says nothing. */
export const DEFAULT_MOST_PER_HOUR = 20;

/** A time in which people work on the app: nothing but ejection is done then, all else is advised. */
export interface MaintenanceWindow {
  /** Days on which it begins; absent: every day. */
  readonly days?: readonly Weekday[];
  /** Minutes since midnight in the app's time zone. `toMinute` at or before `fromMinute` is on the next day. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** `healing` of a service. */
export interface ServiceHealingSpec {
  /** Done without asking; absent: what the app says, else all. */
  readonly act?: readonly HealingRung[];
}

/** `healing` of the app. */
export interface HealingSpec extends ServiceHealingSpec {
  /** Absent: `DEFAULT_MOST_PER_HOUR`. Ejections do not count. */
  readonly mostPerHour?: number;
  /** Absent: none. */
  readonly windows?: readonly MaintenanceWindow[];
}
