// One GET request that cannot hang: a test that waits for ever says nothing.
const LIMIT_MS = 10_000;

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** GETs the URL; rejects when there is no whole answer within 10 s. */
export async function answerOf(url: string): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
  return { status: response.status, text: await response.text() };
}

/** The JSON that the URL answers with. */
export async function jsonOf<T>(url: string): Promise<T> {
  return JSON.parse((await answerOf(url)).text) as T;
}
