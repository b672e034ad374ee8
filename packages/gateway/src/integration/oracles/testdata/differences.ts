// Where two answers differ, and which differences a translation is allowed. Everything that is not in the table must be equal.
import type { Oracle } from "./oracle.ts";

/** Paths of the values that differ: `usage.output_tokens: 3 -> 4`. */
export function differencesOf(direct: unknown, other: unknown, path = ""): string[] {
  if (isObject(direct) && isObject(other)) {
    const names = new Set([...Object.keys(direct), ...Object.keys(other)]);
    return [...names].flatMap((name) => differencesOf(direct[name], other[name], path === "" ? name : `${path}.${name}`));
  }
  return Object.is(direct, other) ? [] : [`${path}: ${JSON.stringify(direct)} -> ${JSON.stringify(other)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object";
}

interface Allowance {
  /** Why. */
  readonly because: string;
  /** Of a path and both values, as `differencesOf` writes them. */
  readonly pattern: RegExp;
  readonly faces?: readonly Oracle["face"][];
  readonly backends?: readonly string[];
}

const ALLOWED: readonly Allowance[] = [
  {
    because: "the answer has an id of its own, and so have the items of a response",
    pattern: /(?:^|\.)id: "|__openai_function_call_ids__\.\w+: "/,
  },
  { because: "the model is the alias that the client named", pattern: /(?:^|\.)model(?:_name)?: "(?:fake-model)+" -> "(?:my-)/ },
  { because: "the answer was written when it was translated", pattern: /(?:^|\.)created(?:_at)?: \d+ -> \d+$/ },
  {
    because: "what only repeats the call stands in a response with its defaults",
    pattern:
      /(?:^|\.)(?:background|instructions|max_output_tokens|metadata|previous_response_id|reasoning|store|temperature|text|tool_choice|top_p|truncation|user): undefined -> (?:false|null|\{\}|"auto"|"disabled"|\{"effort":null,"summary":null\}|\{"format":\{"type":"text"\}\})$/,
    faces: ["responses"],
  },
  {
    because: "no tokens were written to a cache, which the fake does not say",
    pattern: /(?:cache_write_tokens|cacheWriteTokens|cache_creation): undefined -> 0$/,
    faces: ["responses"],
  },
  {
    because: "Anthropic counts reasoning as output and does not tell it apart",
    pattern:
      /(?:reasoning_tokens|reasoningTokens|details\.reasoning|output_token_details\.reasoning): 6 -> 0$|outputTokenDetails\.textTokens: 9 -> 15$/,
    backends: ["anthropic"],
  },
  {
    because: "reasoning that came with a signature keeps it",
    pattern: /encrypted_content: undefined -> "sig-1"$/,
    faces: ["responses"],
    backends: ["anthropic"],
  },
  {
    because: "reasoning of a backend without signatures has none",
    pattern: /\.signature: "sig-1" -> ""$/,
    faces: ["messages"],
  },
  {
    because: "a backend that counts reasoning is quoted",
    pattern:
      /output_tokens_details: undefined -> \{"thinking_tokens":6\}$|outputTokenDetails\.(?:textTokens: undefined -> 9|reasoningTokens: undefined -> 6)$/,
    faces: ["messages"],
  },
  {
    because: "Anthropic gives a tool's input as a value when it does not stream: its numbers survive, its spaces and escapes do not",
    pattern:
      /arguments: ".*" -> "\{\\"city\\":\\"Zürich\\",\\"id\\":9007199254740993,\\"at\\":1\.0\}"$|arguments: ".*" -> "\{\\"zone\\":\\"上海\\"\}"$/,
    backends: ["anthropic"],
  },
];

/** The differences that a translation is not allowed. */
export function forbiddenDifferences(
  differences: readonly string[],
  { face, backend }: { readonly face: Oracle["face"]; readonly backend: string },
): readonly string[] {
  const allowed = ALLOWED.filter(
    ({ faces, backends }) => (faces?.includes(face) ?? true) && (backends?.includes(backend) ?? true),
  );
  return differences.filter((difference) => !allowed.some(({ pattern }) => pattern.test(difference)));
}
