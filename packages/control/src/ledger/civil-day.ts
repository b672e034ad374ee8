// The civil day of a moment in a time zone. Zones may change with a revision, so they come with each question.

/** `2026-11-23` of a wall time in a zone. */
export type CivilDay = (time: number, timeZone: string) => string;

/** Makes the function; the answer for the last quarter of an hour is kept, for most questions come in the order of time. */
export function createCivilDay(): CivilDay {
  let zone: { readonly name: string; readonly format: Intl.DateTimeFormat } | undefined;
  let quarter = -1;
  let day = "";
  return (time, timeZone) => {
    if (zone?.name !== timeZone) {
      const parts = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
      zone = { name: timeZone, format: new Intl.DateTimeFormat("en-CA", { timeZone, ...parts }) };
      quarter = -1;
    }
    // Every zone's midnight stands on a quarter of an hour.
    const own = Math.floor(time / 900_000);
    if (own !== quarter) {
      quarter = own;
      day = zone.format.format(time);
    }
    return day;
  };
}
