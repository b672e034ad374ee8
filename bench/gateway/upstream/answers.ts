// What the upstreams answer and how a client knows that an answer is right: the text must arrive whole, whatever a gateway does to the
// JSON around it. Plain ASCII without anything that JSON escapes, so that every serialiser writes it alike.

/** The model's name at the upstreams. */
export const UPSTREAM_MODEL = "bench-model";

const SENTENCE = "The governor measures the speed of the engine and corrects its valve. ";

/** A text of exactly this many bytes. */
export function textOf(bytes: number): string {
  return SENTENCE.repeat(Math.ceil(bytes / SENTENCE.length)).slice(0, bytes);
}

/** A chat completion of exactly `bytes` bytes, and the text in it. */
export function chatCompletion(bytes: number): { readonly json: string; readonly text: string } {
  const render = (content: string): string =>
    JSON.stringify({
      id: "chatcmpl-bench",
      object: "chat.completion",
      created: 1_760_000_000,
      model: UPSTREAM_MODEL,
      choices: [{ index: 0, message: { role: "assistant", content }, logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 24, completion_tokens: 180, total_tokens: 204 },
    });
  const text = textOf(bytes - render("").length);
  return { json: render(text), text };
}

/** The event that carries word `index` of a stream. */
export function chatChunk(index: number): string {
  const delta = index === 0 ? { role: "assistant", content: word(index) } : { content: word(index) };
  return event({ index: 0, delta, logprobs: null, finish_reason: null });
}

/** The events that end a stream. */
export function chatEnd(): string {
  return `${event({ index: 0, delta: {}, logprobs: null, finish_reason: "stop" })}data: [DONE]\n\n`;
}

/** Finds the numbers of the words in a piece of a stream. */
export const WORD_NUMBERS = /word-(\d{6})/g;

function word(index: number): string {
  return ` word-${String(index).padStart(6, "0")}`;
}

function event(choice: object): string {
  const chunk = {
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: UPSTREAM_MODEL,
    choices: [choice],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
