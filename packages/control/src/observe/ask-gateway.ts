// Asks the gateway on its admin listener for what only it knows. The listener is loopback, and the newest gateway answers on it.
import { FlyballError, type Address } from "@flyball/core";
import { get, type IncomingMessage } from "node:http";

/** Longer answers are no page of the gateway. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Workers that are busy have a second; the gateway itself a little more. */
const LIMIT_MS = 3_000;

/** The JSON at a path; undefined for 404. Throws FB_CONTROL_GATEWAY_AWAY. */
export async function askGateway(address: Address | undefined, path: string): Promise<unknown> {
  if (address === undefined) throw away("it has no admin listener yet");
  try {
    const { status, text } = await fetchText(address, path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`status ${status}`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw away(error instanceof Error ? error.message : String(error));
  }
}

function fetchText({ host, port }: Address, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    get({ host, port, path, signal, agent: false }, (response) => read(response, resolve, reject)).once(
      "error",
      reject,
    );
  });
}

function read(
  response: IncomingMessage,
  resolve: (answer: { status: number; text: string }) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BYTES) chunks.push(chunk);
    else response.destroy(new Error(`more than ${MAX_BYTES} bytes`));
  });
  response.once("error", reject);
  response.once("end", () => {
    resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
  });
}

function away(reason: string): FlyballError {
  return new FlyballError("FB_CONTROL_GATEWAY_AWAY", { reason });
}
