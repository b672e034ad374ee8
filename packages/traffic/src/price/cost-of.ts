// Tokens to money, exactly. A rate is a whole number of micro-units for a million tokens, so tokens times rate is a whole number of
// millionths of a micro-unit; these are summed as integers and rounded up once, at the end. No fraction is ever held in a double.
import {
  inputTokens,
  outputTokens,
  type Currency,
  type LedgerCost,
  type PeakRates,
  type TokenRates,
  type TokenUsage,
} from "@flyball/core";
import type { Price, PriceEntry } from "./price-entry.ts";

/** What one usage cost. */
export type Cost =
  | { readonly kind: "known"; readonly currency: Currency; readonly microUnits: number }
  | { readonly kind: "unknown" };

/** One usage with the price that stood when its attempt began. */
export interface PricedUsage {
  readonly usage: TokenUsage;
  readonly price: Price;
  /** Wall milliseconds. */
  readonly at: number;
}

/** The most that a call may use; the parts of the input are not known before it has ended. */
export interface TokenBounds {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

const MILLION = 1_000_000;

/** The cost of one usage, rounded up to a whole micro-unit. What is the app's own costs zero, in the currency asked for nowhere: usd. */
export function costOf(usage: TokenUsage, price: Price, at: number): Cost {
  if (price === "unknown") return isNothing(usage) ? known("usd", 0) : { kind: "unknown" };
  if (price === "own") return known("usd", 0);
  const sum = exactCost(usage, ratesFor(price, inputTokens(usage), at));
  return sum === undefined ? { kind: "unknown" } : known(price.currency, roundUp(sum));
}

/** The cost of a whole call: its attempts summed exactly, then rounded up once for each currency. */
export function costOfCall(parts: readonly PricedUsage[]): LedgerCost {
  const sums: Record<Currency, Exact> = { usd: 0, cny: 0 };
  let isUnknown = false;
  for (const { usage, price, at } of parts) {
    if (price === "own") continue;
    const sum = price === "unknown" ? undefined : exactCost(usage, ratesFor(price, inputTokens(usage), at));
    if (price === "unknown" || sum === undefined) isUnknown ||= !isNothing(usage);
    else sums[price.currency] = exactSum(sums[price.currency], sum);
  }
  return { usd: roundUp(sums.usd), cny: roundUp(sums.cny), isUnknown };
}

/**
 * The most that a call within the bounds can cost: every token at the dearest rate that its side may have, at any hour and any length.
 * Unknown prices have no bound.
 */
export function maximumCost(bounds: TokenBounds, price: Price): Cost {
  if (price === "unknown") return { kind: "unknown" };
  if (price === "own") return known("usd", 0);
  let most = atMost(bounds, price.rates);
  for (const { rates } of price.longPrompt) most = Math.max(most, atMost(bounds, rates));
  if (price.peak) most = Math.max(most, atMost(bounds, price.peak.rates));
  return known(price.currency, most);
}

function atMost(bounds: TokenBounds, rates: TokenRates): number {
  const input = product(bounds.inputTokens, dearestInput(rates));
  return roundUp(exactSum(input, product(bounds.outputTokens, dearestOutput(rates))));
}

/** The rates of a call with so many tokens in, made at that time. A long prompt has its own at every hour. */
export function ratesFor(entry: PriceEntry, tokensIn: number, at: number): TokenRates {
  let rates = entry.rates;
  for (const { aboveInputTokens, rates: longer } of entry.longPrompt) if (tokensIn > aboveInputTokens) rates = longer;
  if (rates === entry.rates && entry.peak !== undefined && isPeak(entry.peak, at)) return entry.peak.rates;
  return rates;
}

function isPeak({ minutesUtc, isWeekdaysOnly }: PeakRates, at: number): boolean {
  const date = new Date(at);
  if (isWeekdaysOnly && (date.getUTCDay() === 0 || date.getUTCDay() === 6)) return false;
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  return minutesUtc.some(([from, to]) => minute >= from && minute < to);
}

/** A sum of products beyond 2^53 is held as a bigint; undefined when a part that was used has no rate. */
type Exact = number | bigint;

function exactCost(usage: TokenUsage, rates: TokenRates): Exact | undefined {
  const { audioInput, audioOutput } = usage;
  if ((audioInput > 0 && rates.audioInput === undefined) || (audioOutput > 0 && rates.audioOutput === undefined))
    return undefined;
  const output = usage.reasoning > 0 ? (rates.outputWithReasoning ?? rates.output) : rates.output;
  let sum = product(usage.input, rates.input);
  sum = exactSum(sum, product(usage.cacheRead, rates.cacheRead));
  sum = exactSum(sum, product(usage.cacheWrite5m, rates.cacheWrite5m));
  sum = exactSum(sum, product(usage.cacheWrite1h, rates.cacheWrite1h));
  sum = exactSum(sum, product(audioInput, rates.audioInput ?? 0));
  sum = exactSum(sum, product(usage.imageInput, rates.imageInput));
  sum = exactSum(sum, product(usage.output, output));
  sum = exactSum(sum, product(usage.reasoning, rates.reasoning));
  return exactSum(sum, product(audioOutput, rates.audioOutput ?? 0));
}

/** A double holds every whole number up to 2^53; a result beyond it may have been rounded and is made again as a bigint. */
function product(tokens: number, rate: number): Exact {
  const quick = tokens * rate;
  return quick <= Number.MAX_SAFE_INTEGER ? quick : BigInt(tokens) * BigInt(rate);
}

function exactSum(left: Exact, right: Exact): Exact {
  if (typeof left === "number" && typeof right === "number") {
    const quick = left + right;
    if (quick <= Number.MAX_SAFE_INTEGER) return quick;
  }
  return BigInt(left) + BigInt(right);
}

function roundUp(sum: Exact): number {
  if (typeof sum === "bigint") return Number((sum + BigInt(MILLION - 1)) / BigInt(MILLION));
  const rest = sum % MILLION;
  return (sum - rest) / MILLION + (rest > 0 ? 1 : 0);
}

function dearestInput({ input, cacheRead, cacheWrite5m, cacheWrite1h, imageInput, audioInput }: TokenRates): number {
  return Math.max(input, cacheRead, cacheWrite5m, cacheWrite1h, imageInput, audioInput ?? 0);
}

function dearestOutput({ output, reasoning, audioOutput, outputWithReasoning }: TokenRates): number {
  return Math.max(output, reasoning, audioOutput ?? 0, outputWithReasoning ?? 0);
}

function isNothing(usage: TokenUsage): boolean {
  return inputTokens(usage) + outputTokens(usage) === 0;
}

function known(currency: Currency, microUnits: number): Cost {
  return { kind: "known", currency, microUnits };
}
