// Names of what is not a service of the app: gateway and control say the same of a provider's pool in signals, and people read who it is.
import type { BackendSpec } from "./app-spec.ts";

type ProviderBackend = Extract<BackendSpec, { kind: "provider" }>;

/** The pool of one provider behind a model; `id` is `<model>/<place among its backends>`. Another address is another pool. */
export function providerPoolId({ id, baseUrl }: { readonly id: string; readonly baseUrl: string }): string {
  return `provider:${id}@${new URL(baseUrl).origin}`;
}

/** What people call the provider behind a model: `chat/dashscope`, `chat/dashscope#1` where an earlier backend is of the same provider. */
export function providerName(model: string, backends: readonly BackendSpec[], index: number): string {
  const { provider } = backends[index] as ProviderBackend;
  const isFirst = backends.findIndex((each) => each.kind === "provider" && each.provider === provider) === index;
  return isFirst ? `${model}/${provider}` : `${model}/${provider}#${index}`;
}
