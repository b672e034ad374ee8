export * from "./fake-clock.ts";
export * from "./seeded-random.ts";
export * from "./temporary-folder.ts";
export * from "./upstream/fake-upstream.ts";
export * from "./upstream/model/model-answer.ts";
export * from "./upstream/model/model-behaviour.ts";
export * from "./upstream/recorded-request.ts";
export * from "./upstream/upstream-behaviour.ts";
