// How the bytes of one backend become the bytes of one client.
import type { ServingBackend } from "../worker/serving-state.ts";
import type { AnswerFormat } from "./attempt-answer.ts";
import type { BackendRequest } from "./backend-request.ts";
import { createMediaReader } from "./media-reader.ts";
import type { ModelCall } from "./model-call.ts";
import { createPassThroughReader } from "./pass-through-reader.ts";
import { createRenamingReader, renameModel } from "./rename-model.ts";
import { createTranslatingReader } from "./translating-reader.ts";
import { readReportedUsage, readWholeAnswer } from "./whole-answer.ts";

/** The format of an attempt's answer; with `isStandIn` another backend was asked first, and the answer names the alias. */
export function createAnswerFormat(
  call: ModelCall,
  backend: ServingBackend,
  request: BackendRequest,
  isStandIn: boolean,
): AnswerFormat {
  const { face, scan, exchange } = call;
  const spoken = request.isTranslated ? backend.dialect : face.dialect;
  return {
    isTranslated: request.isTranslated,
    createStreamReader() {
      if (face.output !== "text") return createMediaReader();
      if (!request.isTranslated) {
        const reader = createPassThroughReader(face.dialect.passThrough, request.stripsUsage);
        return isStandIn ? createRenamingReader(reader, scan.model) : reader;
      }
      const identity = {
        id: exchange.id,
        model: scan.model,
        createdSeconds: Math.floor(exchange.context.clock.now() / 1_000),
      };
      const writer = face.dialect.createStreamWriter(identity, { wantsUsage: scan.wantsUsage });
      return createTranslatingReader(backend.dialect.createStreamReader(), writer);
    },
    readWhole(body) {
      const answer = readWholeAnswer(call, backend, request, body);
      if (!isStandIn || request.isTranslated || answer.kind !== "answer") return answer;
      return { ...answer, bytes: renameModel(answer.bytes, scan.model) };
    },
    readTail: (tail) => readReportedUsage(call, tail),
    readError: (body, status) => spoken.readError(body, status),
  };
}
