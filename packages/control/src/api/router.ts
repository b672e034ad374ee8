// Which request is which command. The comment in core's control-api.ts is the contract; bodies are checked here and nowhere else.
import { FlyballError, type ApplyRequest, type AppSpec } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { applyRevision, planFor } from "../desired/apply-revision.ts";
import { usageStatus } from "../usage/usage-status.ts";
import { followManifest } from "../scale/follow-manifest.ts";
import { explainCall, predictions } from "./explain-call.ts";
import { routeKeys } from "./route-keys.ts";
import { appStatus } from "./status.ts";
import { diff, pause, restart, resume, rollback, runOnce, scale } from "./commands.ts";

/** A request after its body was read. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly actor: string;
}

/** Answers JSON requests; throws FlyballError. `undefined`: there is no such call. */
export async function routeRequest(
  context: ControlContext,
  request: ApiRequest,
  onDown: (reason: string) => void,
): Promise<unknown> {
  const { actor } = request;
  const body = (request.body ?? {}) as Record<string, unknown>;
  const optional = <K extends string>(key: K, value: unknown): Record<K, string> | Record<string, never> =>
    typeof value === "string" ? ({ [key]: value } as Record<K, string>) : {};
  const reason = optional("reason", body["reason"]);
  const forMs = body["forMs"] === undefined ? {} : { forMs: numberOf(body["forMs"], "forMs") };
  const [, , noun, name] = request.path.split("/");
  switch (`${request.method} ${noun ?? ""}`) {
    case "GET status":
      return appStatus(context);
    case "GET revisions":
      return name === undefined ? revisions(context) : revision(context, name);
    case "POST plan":
      return planFor(context, specOf(body));
    case "POST revisions":
      return applyRevision(context, applyRequestOf(body, actor));
    case "POST rollback":
      return rollback(context, {
        actor,
        ...reason,
        ...(body["to"] === undefined ? {} : { to: numberOf(body["to"], "to") }),
      });
    case "GET diff":
      return diffOf(context, request.query);
    case "GET incidents":
      return name === undefined ? incidents(context, request.query) : incident(context, name);
    case "POST restart":
      return restart(context, {
        service: textOf(body["service"], "service"),
        actor,
        ...reason,
        ...optional("instance", body["instance"]),
      });
    case "POST scale": {
      const service = textOf(body["service"], "service");
      if (body["replicas"] === "auto") return followManifest(context, { service, actor });
      return scale(context, { service, replicas: numberOf(body["replicas"], "replicas"), actor, ...reason, ...forMs });
    }
    case "POST pause": {
      return pause(context, {
        actor,
        reason: textOf(body["reason"], "reason"),
        ...forMs,
        ...optional("service", body["service"]),
      });
    }
    case "POST resume":
      return resume(context, { actor, ...optional("service", body["service"]) });
    case "GET top":
      return usageStatus(context);
    case "GET predictions":
      return predictions(context);
    case "GET calls":
      return name === undefined ? undefined : explainCall(context, decoded(name));
    case "GET overrides":
      return { overrides: context.state.overrides };
    case "GET keys":
    case "POST keys":
      return routeKeys(context, request);
    case "POST run":
      return run(context, body, actor);
    case "POST notices":
      return name === "test" ? testNotices(context, body) : undefined;
    case "GET audit":
      return audit(context, request.query);
    case "POST down":
      context.store.audit.append(
        { actor, action: "down", reason: reason.reason ?? "", difference: null },
        context.clock.now(),
      );
      onDown(reason.reason ?? "asked for");
      return { state: "stopping" };
    default:
      return undefined;
  }
}

/** Without numbers: the current revision against the one before it. */
function diffOf(context: ControlContext, query: URLSearchParams): unknown {
  const to = query.has("to") ? numberOf(query.get("to"), "to") : (context.state.revision?.number ?? 0);
  const from = query.has("from") ? numberOf(query.get("from"), "from") : Math.max(1, to - 1);
  return diff(context, from, to);
}

function revisions(context: ControlContext): unknown {
  return { revisions: context.store.revisions.list(), current: context.state.revision?.number ?? 0 };
}

function revision(context: ControlContext, name: string): unknown {
  const found = context.store.revisions.get(numberOf(name, "revision"));
  if (found === undefined)
    throw new FlyballError("FB_CONTROL_NOT_FOUND", { what: "revision", name, remedy: "Try: flyball history" });
  return found;
}

function incidents(context: ControlContext, query: URLSearchParams): unknown {
  const state = query.get("state");
  const limit = Math.min(1000, Number(query.get("limit") ?? 50) || 50);
  return { incidents: context.store.incidents.list({ limit, ...(state === null ? {} : { state }) }) };
}

function incident(context: ControlContext, name: string): unknown {
  const found = context.store.incidents.get(name);
  if (found === undefined)
    throw new FlyballError("FB_CONTROL_NOT_FOUND", { what: "incident", name, remedy: "Try: flyball incidents" });
  return found;
}

async function testNotices({ notices }: ControlContext, body: Record<string, unknown>): Promise<unknown> {
  const channel = body["channel"] === undefined ? undefined : textOf(body["channel"], "channel");
  if (notices === undefined) throw bad("this control sends no notices");
  return { results: await notices.test(channel) };
}

/** The newest entries, newest last. */
function audit(context: ControlContext, query: URLSearchParams): unknown {
  const limit = query.has("limit") ? numberOf(query.get("limit"), "limit") : 50;
  const since = query.has("since") ? numberOf(query.get("since"), "since") : 0;
  return { entries: context.store.audit.list({ since, limit: Math.max(1, Math.min(1_000, Math.floor(limit))) }) };
}

function run(context: ControlContext, body: Record<string, unknown>, actor: string): unknown {
  const command = body["command"];
  const environment = body["environment"];
  const isList = Array.isArray(command) && command.every((part) => typeof part === "string");
  if (command !== undefined && !isList) throw bad("command must be a list of strings");
  return runOnce(context, {
    service: textOf(body["service"], "service"),
    actor,
    ...(isList ? { command } : {}),
    ...(environment === undefined ? {} : { environment: environment as Record<string, string> }),
  });
}

function specOf(body: Record<string, unknown>): AppSpec {
  const spec = body["spec"] as AppSpec | undefined;
  if (spec?.apiVersion !== "flyball/v1" || typeof spec.services !== "object")
    throw bad("spec must be a resolved flyball/v1 manifest");
  return spec;
}

function applyRequestOf(body: Record<string, unknown>, actor: string): ApplyRequest {
  const source = body["source"] as ApplyRequest["source"];
  return {
    spec: specOf(body),
    author: typeof body["author"] === "string" ? body["author"] : actor,
    reason: typeof body["reason"] === "string" ? body["reason"] : "up",
    ...(source === undefined ? {} : { source }),
  };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw bad("the id is not percent-encoded correctly");
  }
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw bad(`${name} must be a text`);
  return value;
}

function numberOf(value: unknown, name: string): number {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw bad(`${name} must be a number`);
  return number;
}

function bad(reason: string): FlyballError {
  return new FlyballError("FB_CONTROL_BAD_REQUEST", { reason });
}
