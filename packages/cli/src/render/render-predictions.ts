// What `flyball models predict` says: three tables with their definitions, for a figure without one says nothing.
import type { EndpointPrediction, ModelPrediction, PredictionStatus } from "@flyball/core";
import type { MessageKey, PlainMessageKey, Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";

/** A trait that takes more answers than this to be believed says nothing. */
const MOST_ANSWERS = 10_000;

/** The text. */
export function renderPredictions(status: PredictionStatus, translate: Translate, style: Style): string {
  const { models, endpoints, engines } = status;
  const shown = models.filter(({ count }) => count > 0);
  const count = shown.reduce((sum, model) => sum + model.count, 0);
  return [
    ...(shown.length === 0
      ? [translate("models.nothing")]
      : [
          accuracyTable(shown, translate, style),
          style.dim(translate("models.explained", { count })),
          "",
          traitTable(shown, translate, style),
          style.dim(translate("models.traits")),
        ]),
    ...(endpoints.length === 0
      ? []
      : ["", endpointTable(endpoints, translate, style), style.dim(translate("models.rates"))]),
    ...(engines.asked === 0 ? [] : [translate("models.engines", engines)]),
  ].join("\n");
}

function accuracyTable(models: readonly ModelPrediction[], translate: Translate, style: Style): string {
  const head: readonly PlainMessageKey[] = [
    "models.model",
    "models.answers",
    "models.within-p50",
    "models.within-p90",
    "models.order",
    "models.error",
  ];
  const rows = models.map((model) => [
    style.bold(model.model),
    String(model.answers),
    percent(model.shareWithinP50),
    percent(model.shareWithinP90),
    model.kendallTau.toFixed(2),
    `×${model.medianErrorFactor.toFixed(2)}`,
  ]);
  return renderTable(
    head.map((key) => translate(key)),
    rows,
    style,
  );
}

/** A row a trait, a column a model. */
function traitTable(models: readonly ModelPrediction[], translate: Translate, style: Style): string {
  const levels = models[0]?.levels.map(({ level }) => level) ?? [];
  const rows = levels.map((level, index) => [
    traitName(level, translate),
    ...models.map((model) => answersText(model.levels[index]?.evenAnswers ?? Number.POSITIVE_INFINITY, translate)),
  ]);
  return renderTable([translate("models.trait"), ...models.map(({ model }) => model)], rows, style);
}

const TRAITS: Readonly<Record<string, PlainMessageKey>> = {
  all: "trait.all",
  model: "trait.model",
  key: "trait.key",
  route: "trait.route",
  shape: "trait.shape",
  prompt: "trait.prompt",
  input: "trait.input",
  size: "trait.size",
};

/** A level of a later release is shown by its own name. */
function traitName(level: string, translate: Translate): string {
  const key = TRAITS[level];
  return key === undefined ? level : translate(key);
}

function answersText(answers: number, translate: Translate): string {
  return answers > MOST_ANSWERS ? translate("models.says-nothing") : String(Math.max(1, Math.round(answers)));
}

function endpointTable(endpoints: readonly EndpointPrediction[], translate: Translate, style: Style): string {
  const head: readonly PlainMessageKey[] = [
    "models.endpoint",
    "models.read-cost",
    "models.write-cost",
    "models.at-once",
    "models.memory",
    "models.others",
  ];
  const rows = endpoints.map((endpoint) => [
    style.bold(endpoint.endpoint),
    (endpoint.rates.prefillMs * 1_000).toFixed(1),
    endpoint.rates.decodeMs.toFixed(3),
    capText(endpoint, translate),
    String(endpoint.kvTokenCap ?? "-"),
    String(endpoint.foreignRunning),
  ]);
  return renderTable(
    head.map((key) => translate(key)),
    rows,
    style,
  );
}

const CAPS: Readonly<Record<string, PlainMessageKey & MessageKey>> = {
  initial: "models.cap-initial",
  growing: "models.cap-growing",
  maximum: "models.cap-maximum",
  objective: "models.cap-objective",
  throughput: "models.cap-throughput",
  "engine-waiting": "models.cap-engine-waiting",
  "engine-preempted": "models.cap-engine-preempted",
};

function capText({ activeCap, capReason }: EndpointPrediction, translate: Translate): string {
  if (capReason === null) return translate("models.declared");
  if (activeCap === null) return translate("models.cap-initial");
  const key = CAPS[capReason];
  const why = key === undefined ? capReason : translate(key);
  const isOpen = capReason === "initial" || capReason === "maximum";
  return isOpen ? why : `${activeCap} (${why})`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
