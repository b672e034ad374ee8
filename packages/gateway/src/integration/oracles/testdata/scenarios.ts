// What is asked and said in each comparison. The questions are written for each dialect by hand; the answers are one script of the fake
// model, which says it in every dialect.
import { DEFAULT_MODEL, type ModelBehaviour } from "@flyball/fakes";

/** One comparison. */
export interface Scenario {
  readonly name: "text" | "reasoning" | "tools" | "structured" | "length" | "refused";
  readonly script: ModelBehaviour;
}

const say = (script: Partial<ModelBehaviour>): ModelBehaviour => ({ ...DEFAULT_MODEL, answerId: "fixed", ...script });

/** Arguments whose bytes a parser would change: int64, a float without a fraction, an escape, spaces. */
export const WEATHER_PIECES: readonly string[] = [
  '{"ci',
  'ty": "Z\\u00fcr',
  'ich", "id": 9007199254740993',
  ', "at":1.0',
  "}",
];
export const CLOCK_PIECES: readonly string[] = ['{"zone"', ":", '"上海"}'];

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "text",
    script: say({
      parts: [{ kind: "text", pieces: ["Grüße", ", 世界", " 🌍", ' "quoted"\n'] }],
      usage: { input: 120, cached: 80, output: 9, reasoning: 0 },
    }),
  },
  {
    name: "reasoning",
    script: say({
      parts: [
        { kind: "reasoning", pieces: ["Let me", " think."], signature: "sig-1" },
        { kind: "text", pieces: ["It is", " 42."] },
      ],
      usage: { input: 20, cached: 0, output: 15, reasoning: 6 },
    }),
  },
  {
    name: "tools",
    script: say({
      parts: [
        { kind: "text", pieces: ["I look", " it up."] },
        { kind: "tool-call", id: "call_weather", name: "get_weather", pieces: WEATHER_PIECES },
        { kind: "tool-call", id: "call_clock", name: "get_time", pieces: CLOCK_PIECES },
      ],
      finish: "tool-calls",
      usage: { input: 50, cached: 0, output: 30, reasoning: 0 },
    }),
  },
  {
    name: "structured",
    script: say({
      parts: [{ kind: "text", pieces: ['{"answer"', ": 42", ', "sure":true}'] }],
      usage: { input: 33, cached: 0, output: 8, reasoning: 0 },
    }),
  },
  {
    name: "length",
    script: say({
      parts: [{ kind: "text", pieces: ["half of an"] }],
      finish: "length",
      usage: { input: 5, cached: 0, output: 3, reasoning: 0 },
    }),
  },
  {
    name: "refused",
    script: say({
      parts: [{ kind: "text", pieces: ["I"] }],
      finish: "refused",
      usage: { input: 5, cached: 0, output: 1, reasoning: 0 },
    }),
  },
];

/** The tools of the question, in JSON Schema. */
export const TOOLS: readonly { readonly name: string; readonly description: string; readonly schema: object }[] = [
  {
    name: "get_weather",
    description: "Weather of a city",
    schema: {
      type: "object",
      properties: { city: { type: "string" }, id: { type: "number" }, at: { type: "number" } },
      required: ["city"],
    },
  },
  {
    name: "get_time",
    description: "Time in a zone",
    schema: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
  },
];

/** The form of the structured answer. */
export const ANSWER_SCHEMA: object = {
  type: "object",
  properties: { answer: { type: "number" }, sure: { type: "boolean" } },
  required: ["answer", "sure"],
  additionalProperties: false,
};

/** The question of every comparison. */
export const QUESTION = "What is the answer, and how is the weather in Zürich?";
