// What may be done about faults without asking a person, and when. Defaults are told here and applied by control.
import { z } from "zod";
import { DEFAULT_MOST_PER_HOUR, HEALING_RUNGS, WEEKDAYS } from "../../healing-spec.ts";
import { described, section, withDefault, worded } from "./described.ts";
import { choice, listOf, listWords, wholeNumber } from "./scalars.ts";

const CLOCK = 'expected a time of day like "02:00"';

/** In quotes: YAML reads 02:00 as a number in some programs. */
const timeOfDay = worded(z.string({ error: CLOCK }).regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, { error: CLOCK }), {
  english: "time of day",
  chinese: "时刻",
});

const act = listOf(choice(HEALING_RUNGS), `expected a list of ${listWords(HEALING_RUNGS)}`);

const maintenanceWindow = section(
  "maintenance-window",
  {
    days: described(
      listOf(choice(WEEKDAYS), `expected a list of ${listWords(WEEKDAYS)}`)
        .min(1, { error: "expected at least one day" })
        .optional(),
      "Days on which it begins. Default: every day.",
      "开始的日子。默认每天。",
    ),
    from: described(timeOfDay, "When it begins, in the time zone of the gateway.", "开始的时刻，以网关的时区为准。"),
    to: described(
      timeOfDay,
      "When it ends; a time that is not after from is on the next day.",
      "结束的时刻；不晚于 from 时为次日。",
    ),
  },
  {
    english: "A time in which people work on the app: nothing but ejection is done then, all else is advised.",
    chinese: "人们维护应用的时段：其间只做摘除，其余仅给出建议。",
  },
);

/** `healing` of a service. */
export const serviceHealing = section(
  "service-healing",
  {
    act: described(
      act.optional(),
      "What is done about faults of this service without asking; all else is advised. Default: what the app says.",
      "对本服务的故障无需询问即可采取的措施；其余仅给出建议。默认与应用一致。",
    ),
  },
  { english: "What may be done about faults of one service.", chinese: "对单个服务的故障可以做什么。" },
);

/** `healing` of the app. */
export const healing = section(
  "healing",
  {
    act: described(
      act.optional(),
      "What is done about faults without asking; all else is advised. Default: all of them.",
      "对故障无需询问即可采取的措施；其余仅给出建议。默认全部。",
    ),
    most_per_hour: described(
      withDefault(wholeNumber(0, 10_000).optional(), DEFAULT_MOST_PER_HOUR),
      "Actions in any hour over all services, ejections aside. Beyond it a person is asked.",
      "任意一小时内对所有服务采取的措施数，摘除不计。超过后改为请人处理。",
    ),
    windows: described(
      listOf(maintenanceWindow, 'expected a list like [{ days: [tue], from: "02:00", to: "04:00" }]').optional(),
      "Maintenance windows: in them all but ejection is advised only.",
      "维护时段：其间除摘除外仅给出建议。",
    ),
  },
  {
    english: "What may be done about faults without asking a person, and when.",
    chinese: "无需询问人即可对故障采取的措施，以及时间。",
  },
);

/** `healing` of the app as it is read. */
export type HealingInput = z.output<typeof healing>;
/** `healing` of a service as it is read. */
export type ServiceHealingInput = z.output<typeof serviceHealing>;
