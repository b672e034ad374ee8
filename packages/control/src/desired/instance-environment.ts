// What an instance inherits of the environment in which the app was brought up: all of it, but the cache of compiled code that the packed
// command set up for Flyball's own processes. A user's program would fill it with code of its own.

/** The environment without that cache; one that the user chose stays. */
export function instanceEnvironment(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { NODE_COMPILE_CACHE: cache, FLYBALL_COMPILE_CACHE: own, ...rest } = environment;
  return cache === undefined || cache === own ? rest : { ...rest, NODE_COMPILE_CACHE: cache };
}
