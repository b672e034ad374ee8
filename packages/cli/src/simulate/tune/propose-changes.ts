// From better settings to a changed manifest: the fields, the new text, and the check that it says what it should.
import type { ServiceSpec } from "@flyball/core";
import { editYaml, type YamlEdit } from "./edit-yaml.ts";
import { argumentsOf, flagValue } from "./engine-arguments.ts";
import type { TunableService } from "./tunable-service.ts";
import type { TuneSettings } from "./tune-search.ts";

/** One field of the manifest. */
export interface FieldChange {
  readonly field: string;
  /** Undefined: the default stood. */
  readonly from: string | undefined;
  readonly to: string;
}

/** A field with the edit that changes it. */
interface Change extends FieldChange {
  readonly edit: YamlEdit;
}

/** The changes between two settings; none where they are equal. Requests at once are one number for the gateway and the engine. */
export function changesBetween(tunable: TunableService, before: TuneSettings, after: TuneSettings): readonly Change[] {
  const { service, dialect, words } = tunable;
  const base = ["services", service.name];
  const program = dialect.place[0];
  const flagChange = (flag: string, value: number): Change => ({
    field: `${[...base, ...dialect.place].join(".")} ${flag}`,
    from: flagValue(words, flag),
    to: String(value),
    edit: { kind: "flag", path: [...base, ...dialect.place], flag, value },
  });
  const numberChange = (key: string, from: number | undefined, value: number): Change => ({
    field: [...base, key].join("."),
    from: from === undefined ? undefined : String(from),
    to: String(value),
    edit: { kind: "number", path: [...base, key], value, after: program },
  });
  return [
    ...(before.replicas === after.replicas ? [] : [numberChange("replicas", service.replicas, after.replicas)]),
    ...(before.concurrency === after.concurrency
      ? []
      : [
          numberChange("concurrency", service.concurrency, after.concurrency),
          flagChange(dialect.concurrencyFlag, after.concurrency),
        ]),
    ...(before.chunk === after.chunk ? [] : [flagChange(dialect.chunkFlag, after.chunk)]),
  ];
}

/** The manifest's text with all changes; undefined where one of them has no place in this file. */
export function editManifest(text: string, changes: readonly Change[]): string | undefined {
  return changes.reduce<string | undefined>(
    (edited, { edit }) => (edited === undefined ? undefined : editYaml(edited, edit)),
    text,
  );
}

/** Whether the service now is as the changes say. An overlay or an include may say otherwise than the file that was edited. */
export function isAsChanged(service: ServiceSpec | undefined, changes: readonly Change[]): boolean {
  if (service === undefined) return false;
  return changes.every(({ edit }) => {
    if (edit.kind === "flag") return flagValue(argumentsOf(service), edit.flag) === String(edit.value);
    return (edit.path.at(-1) === "replicas" ? service.replicas : service.concurrency) === edit.value;
  });
}
