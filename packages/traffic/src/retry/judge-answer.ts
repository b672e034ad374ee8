// What a backend's status and error mean for the call and for the backend: a fault of this attempt, a time to leave it alone, a case for
// a larger model, or an answer that belongs to the client. It is decided before anything went to the client.
import { assertNever } from "@flyball/core";
import { parseRetryAfter, type HeaderLookup } from "./parse-retry-after.ts";
import { FAULT_SENTENCES, PROVIDER_FAULTS, type FaultMeaning, type ProviderFault } from "./provider-faults.ts";

/** Why a backend is left alone for a time. */
export type CooldownReason = "rate-limited" | "overloaded" | "quota" | "key" | "model-missing";

/** What to do after an answer. */
export type AnswerVerdict =
  /** An answer to pass on: content, or an error that is the client's own. */
  | { readonly kind: "pass-on" }
  /** The backend failed: its breaker learns, and another may do better. */
  | { readonly kind: "fault" }
  /** Nothing for the breaker: the backend asked for peace. `toldMs` is what it said, if it did. Others may do better. */
  | { readonly kind: "cool"; readonly reason: CooldownReason; readonly toldMs: number | undefined }
  /** Only a backend with a larger context may do better; where there is none, this answer is the client's. */
  | { readonly kind: "larger-context" };

/** One answer. */
export interface BackendAnswer {
  readonly status: number;
  readonly header: HeaderLookup;
  /** Row of the table of provider traits. */
  readonly provider: string;
  /** We called with a key of our own, so a refused key is not the client's. */
  readonly isOurKey: boolean;
  /** `error.code` and `error.type`, where there are any; numbers as text. */
  readonly codes: readonly string[];
  readonly message: string;
  /** Wall time. */
  readonly now: number;
}

const PASS_ON: AnswerVerdict = { kind: "pass-on" };
const FAULT: AnswerVerdict = { kind: "fault" };

/**
 * Judges an answer. An error inside a stream with status 200 is judged with status 200 and its codes; without a known code it is a
 * fault.
 */
export function judgeAnswer(answer: BackendAnswer): AnswerVerdict {
  const { status } = answer;
  const hasError = answer.codes.length > 0 || answer.message !== "";
  if (status < 400 && !hasError) return PASS_ON;
  const meaning = meaningOf(answer) ?? meaningOfStatus(answer);
  if (meaning === undefined) return status >= 500 || status === 408 || status < 400 ? FAULT : PASS_ON;
  switch (meaning) {
    case "content":
      return PASS_ON;
    case "larger-context":
      return { kind: "larger-context" };
    case "key":
      return answer.isOurKey ? cool(answer, "key") : PASS_ON;
    case "rate-limited":
    case "overloaded":
    case "quota":
    case "model-missing":
      return cool(answer, meaning);
    default:
      return assertNever(meaning);
  }
}

function cool(answer: BackendAnswer, reason: CooldownReason): AnswerVerdict {
  return { kind: "cool", reason, toldMs: parseRetryAfter(answer.header, answer.now) };
}

function meaningOf({ codes, status, provider, message }: BackendAnswer): FaultMeaning | undefined {
  const lower = codes.map((code) => code.toLowerCase());
  const row = PROVIDER_FAULTS.find((fault) => isAbout(fault, lower, provider, status));
  const said = FAULT_SENTENCES.find(
    (sentence) => sentence.status === status && sentence.pattern.test(message),
  )?.meaning;
  // "Rate limited" is also what some say when the money is gone; the sentence knows better.
  return row?.meaning === "rate-limited" && said === "quota" ? said : (row?.meaning ?? said);
}

function isAbout(fault: ProviderFault, codes: readonly string[], provider: string, status: number): boolean {
  if (fault.provider !== undefined && fault.provider !== provider) return false;
  if (fault.status !== undefined && fault.status !== status) return false;
  return codes.includes(fault.code.toLowerCase());
}

function meaningOfStatus({ status, header, now }: BackendAnswer): FaultMeaning | undefined {
  if (status === 429) return "rate-limited";
  if (status === 402) return "quota";
  if (status === 401 || status === 403) return "key";
  if (status === 529) return "overloaded";
  return status === 503 && parseRetryAfter(header, now) !== undefined ? "overloaded" : undefined;
}
