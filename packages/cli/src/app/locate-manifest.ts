// Which manifest a command is about, and the short hash that tells two clones of one app apart.
import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { FlyballError, stateRoot } from "@flyball/core";

/** The manifest's usual name. */
export const MANIFEST_NAME = "flyball.yaml";

/** A manifest that exists. */
export interface LocatedManifest {
  /** Its real path, links followed. */
  readonly path: string;
  /** First 8 hex digits of the SHA-256 of the real path (and of the state root, when it is not the usual one). */
  readonly clone: string;
}

/** Where to look, and what decides the clone. */
interface ManifestPlace {
  readonly manifestOption: string | undefined;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** The manifest named by `--file`, else flyball.yaml in the working directory; undefined when neither is there and none was named. */
export function findManifest(place: ManifestPlace): LocatedManifest | undefined {
  const path = resolve(place.workingDirectory, place.manifestOption ?? MANIFEST_NAME);
  if (existsSync(path)) {
    const realPath = realpathSync(path);
    return { path: realPath, clone: cloneOf(realPath, place) };
  }
  if (place.manifestOption !== undefined) throw new FlyballError("FB_MANIFEST_NOT_FOUND", { path });
  return undefined;
}

/** The manifest, or FB_MANIFEST_NOT_FOUND. */
export function requireManifest(place: ManifestPlace): LocatedManifest {
  const found = findManifest(place);
  if (found !== undefined) return found;
  throw new FlyballError("FB_MANIFEST_NOT_FOUND", { path: join(place.workingDirectory, MANIFEST_NAME) });
}

/**
 * The clone part of an app's tag. Two state roots are two apps even of one manifest: the sweep of one must never end processes of the
 * other, so a root that is not the usual one counts in.
 */
export function cloneOf(realPath: string, place: Pick<ManifestPlace, "environment" | "home">): string {
  const root = stateRoot(place.environment, place.home);
  const isUsual = root === stateRoot({}, place.home);
  return createHash("sha256")
    .update(isUsual ? realPath : `${realPath}\n${resolve(root)}`)
    .digest("hex")
    .slice(0, 8);
}
