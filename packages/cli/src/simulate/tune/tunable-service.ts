// The service that is tuned, as its manifest has it.
import type { AppSpec, ServiceSpec } from "@flyball/core";
import { defaultEngineProfile, type EngineProfile } from "@flyball/engine-model";
import { usageError } from "../../messages/localised-error.ts";
import { readProfile } from "../read-pools.ts";
import { argumentsOf, dialectOf, type EngineDialect, flagValue, profileWith } from "./engine-arguments.ts";

/** A service whose engine can be simulated. */
export interface TunableService {
  readonly service: ServiceSpec;
  readonly dialect: EngineDialect;
  /** With the service's own arguments in it. */
  readonly profile: EngineProfile;
  readonly words: readonly string[];
}

/**
 * The service of that name, or the only one that can be tuned. `profileName` says which engine it is like; a simulated engine names its own.
 * FB_CLI_USAGE otherwise.
 */
export function findTunable(spec: AppSpec, name: string | undefined, profileName: string | undefined): TunableService {
  const tunable = Object.values(spec.services).filter((service) => dialectOf(service) !== undefined);
  const names = tunable.map((service) => service.name).join(", ");
  if (tunable.length === 0) throw usageError("tune.nothing", {}, "flyball docs serve");
  if (name === undefined && tunable.length > 1) throw usageError("tune.which", { names }, "flyball tune --help");
  const service = name === undefined ? tunable[0] : tunable.find((each) => each.name === name);
  const dialect = service === undefined ? undefined : dialectOf(service);
  if (service === undefined || dialect === undefined)
    throw usageError("tune.not-tunable", { name: name ?? "", names }, "flyball tune --help");
  const words = argumentsOf(service);
  const own = dialect.name === "simulated" ? flagValue(words, "--profile") : undefined;
  if (own === undefined && profileName === undefined && dialect.name !== "simulated")
    throw usageError("tune.no-profile", { name: service.name, engine: dialect.name }, "flyball tune --help");
  const named = profileName ?? own;
  const profile = named === undefined ? defaultEngineProfile : readProfile(named);
  return { service, dialect, words, profile: profileWith(profile, dialect, words) };
}
