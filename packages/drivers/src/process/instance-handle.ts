// A handle is the keeper's key of a process: its tag and what makes it unique. The tag tells the service and the ordinal, also after the
// process was forgotten.
import { appTag } from "@flyball/core";

/** Whose handle it is. */
export interface InstancePlace {
  readonly service: string;
  readonly ordinal: number;
}

/**
 * Reads `<app>.<clone>/<service>/<ordinal>#<unique>`; undefined for another app's handle or none at all. A service's name may end in
 * `@` and the name of a one-off run; nothing else is let through, because it becomes part of a path.
 */
export function parseHandle(handle: string, app: string, clone: string): InstancePlace | undefined {
  const prefix = `${appTag(app, clone)}/`;
  if (!handle.startsWith(prefix)) return undefined;
  const match = /^([a-z][a-z0-9-]*(?:@[a-z0-9_-]+)?)\/(\d+)#.+$/.exec(handle.slice(prefix.length));
  return match ? { service: match[1]!, ordinal: Number(match[2]) } : undefined;
}
