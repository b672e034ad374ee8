// One call of the model API: who asked what in which dialect. Plain data; what it becomes on its way stands in its run.
import type { CallScan } from "../dialects/pass-through/call-scan.ts";
import type { BodySurvey } from "../aside/aside-work.ts";
import type { Dialect, Translated, WrittenRequest } from "../dialects/dialect.ts";
import { parseJsonKeepingNumbers } from "../dialects/raw-json.ts";
import type { NormalRequest } from "../dialects/normal-form/normal-request.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { OperationOutput } from "./model-operation.ts";
import type { ModelsRoute, ServingBackend, ServingModel } from "../worker/serving-state.ts";

/** How the client speaks. */
export interface CallFace {
  readonly dialect: Dialect;
  /** Below the API's base: `/chat/completions`. */
  readonly path: string;
  /** false: an operation that only a backend of the same API has (embeddings, images, audio). */
  readonly isTranslatable: boolean;
  /** The body is a multipart form. */
  readonly isForm: boolean;
  readonly output: OperationOutput;
}

/** What a long call was translated to. */
export interface WrittenCall {
  readonly backend: ServingBackend;
  readonly maxTokens: number | undefined;
  readonly request: Translated<WrittenRequest>;
}

/** A call that was read and may be served. */
export interface ModelCall {
  readonly exchange: Exchange;
  readonly route: ModelsRoute;
  readonly model: ServingModel;
  readonly face: CallFace;
  /** Empty while it is lent to the thread beside the worker. */
  body: Buffer;
  readonly scan: CallScan;
  /** Attempts whose connection may still read the body. */
  bodyReaders: number;
  /** Made when the first backend of another dialect is asked. */
  normalRequest: Translated<NormalRequest> | undefined;
  /** Of a long call: what was found out about it, and what was written last, beside the worker. */
  survey: BodySurvey | undefined;
  written: WrittenCall | undefined;
}

/** The call in the normal form. */
export function normalRequestOf(call: ModelCall): Translated<NormalRequest> {
  call.normalRequest ??= call.face.dialect.readRequest(parseJsonKeepingNumbers(call.body.toString("utf8")));
  return call.normalRequest;
}
