// How the bytes of one backend become the bytes of one client.
import type { ServingBackend } from "../worker/serving-state.ts";
import type { AnswerFormat } from "./attempt-answer.ts";
import type { BackendRequest } from "./backend-request.ts";
import type { ModelCall } from "./model-call.ts";
import { createPassThroughReader } from "./pass-through-reader.ts";
import { createTranslatingReader } from "./translating-reader.ts";
import { readWholeAnswer } from "./whole-answer.ts";

/** The format of an attempt's answer. */
export function createAnswerFormat(call: ModelCall, backend: ServingBackend, request: BackendRequest): AnswerFormat {
  const { face, scan, exchange } = call;
  const spoken = request.isTranslated ? backend.dialect : face.dialect;
  return {
    isTranslated: request.isTranslated,
    createStreamReader() {
      if (!request.isTranslated) return createPassThroughReader(face.dialect.passThrough, request.stripsUsage);
      const identity = {
        id: exchange.id,
        model: scan.model,
        createdSeconds: Math.floor(exchange.context.clock.now() / 1_000),
      };
      const writer = face.dialect.createStreamWriter(identity, { wantsUsage: scan.wantsUsage });
      return createTranslatingReader(backend.dialect.createStreamReader(), writer);
    },
    readWhole: (body) => readWholeAnswer(call, backend, request, body),
    readError: (body, status) => spoken.readError(body, status),
  };
}
