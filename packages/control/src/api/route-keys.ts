// The calls about keys: GET /v1/keys, POST /v1/keys, POST /v1/keys/:idOrName/rotate and /revoke, GET /v1/keys/usage.
import { FlyballError, type ChangedKey, type KeyStatus } from "@flyball/core";
import { randomBytes } from "node:crypto";
import type { ControlContext } from "../control-context.ts";
import { awaitInForce } from "../keys/await-in-force.ts";
import { createKey, listKeys, revokeKey, rotateKey } from "../keys/key-commands.ts";
import { keyUsage } from "../keys/key-usage.ts";
import { readKeyRequest } from "../keys/read-key-request.ts";
import type { ApiRequest } from "./router.ts";

/** Answers one of them; `undefined`: there is no such call. */
export async function routeKeys(context: ControlContext, request: ApiRequest): Promise<unknown> {
  const { method, path, actor } = request;
  const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  const [, , , name, verb, ...rest] = path.split("/");
  if (rest.length > 0) return undefined;
  if (method === "GET" && name === undefined) return { keys: listKeys(context) };
  if (method === "GET" && name === "usage" && verb === undefined) return keyUsage(context, request.query);
  if (method !== "POST") return undefined;
  if (name === undefined) {
    const spec = context.effective()?.spec;
    if (spec === undefined) throw bad("the app has no revision yet; run up first");
    const wish = readKeyRequest(body, spec, context.clock.now());
    return inForce(context, createKey(context, { request: wish, actor, random: randomBytes }));
  }
  const key = decoded(name);
  const reason = typeof body["reason"] === "string" ? { reason: body["reason"].slice(0, 1_000) } : {};
  if (verb === "revoke") return inForce(context, { key: revokeKey(context, { key, actor, ...reason }) });
  if (verb !== "rotate") return undefined;
  const wish = { key, keepMs: keepMs(body["keepMs"]), actor, ...reason, random: randomBytes };
  return inForce(context, rotateKey(context, wish));
}

async function inForce<T extends { readonly key: KeyStatus }>(
  context: ControlContext,
  done: T,
): Promise<T & ChangedKey> {
  return { ...done, isInForce: await awaitInForce(context) };
}

function keepMs(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== "number") throw bad("keepMs must be a number");
  return value;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw bad("the name of the key is not percent-encoded correctly");
  }
}

function bad(reason: string): FlyballError {
  return new FlyballError("FB_CONTROL_BAD_REQUEST", { reason });
}
