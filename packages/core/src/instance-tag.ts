// The tag that every spawned process carries in FLYBALL_INSTANCE, and the names of environment variables made from service names.
// A sweep looks for the tag in /proc/*/environ, so a grandchild that left its process group is still found (design §4).

/** The environment variable that carries the tag. */
export const INSTANCE_TAG_VARIABLE = "FLYBALL_INSTANCE";

/** `qa.3f9a01c2`: the app's name and the short hash of its manifest's real path; two clones never share it. */
export function appTag(app: string, clone: string): string {
  return `${app}.${clone}`;
}

/** `qa.3f9a01c2/question/0`. System processes use service names that begin with `@` (`@control`, `@gateway`). */
export function instanceTag(app: string, clone: string, service: string, ordinal: number): string {
  return `${appTag(app, clone)}/${service}/${ordinal}`;
}

/** Upper case, everything outside A–Z and 0–9 becomes `_`: `vector-store` → `VECTOR_STORE`. */
export function environmentName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

/** The variable that holds a service's stable URL: `FLYBALL_<SERVICE>_URL`. */
export function serviceUrlVariable(service: string): string {
  return `FLYBALL_${environmentName(service)}_URL`;
}

/** The variable that holds the path of a volume on every target: `FLYBALL_VOLUME_<NAME>`. */
export function volumeVariable(volume: string): string {
  return `FLYBALL_VOLUME_${environmentName(volume)}`;
}

/** The variable that holds the path of a mounted config: `FLYBALL_CONFIG_<NAME>`. */
export function configVariable(config: string): string {
  return `FLYBALL_CONFIG_${environmentName(config)}`;
}

/** The variable that holds the path of a secret's file (mode 0600): `FLYBALL_SECRET_<NAME>`. */
export function secretVariable(secret: string): string {
  return `FLYBALL_SECRET_${environmentName(secret)}`;
}
