import { expect, test } from "vitest";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import {
  makeInstance,
  makePort,
  makeService,
  makeServiceStatus,
  makeSpec,
  makeStatus,
} from "../testing/make-status.ts";
import { thingsToTry } from "./things-to-try.ts";

const published = { ports: [makePort({ published: 5000 })] };
const grant = { models: [{ model: "chat", environmentPrefix: "OPENAI" }] };
const pair = (name: string): [ReturnType<typeof makeInstance>, ReturnType<typeof makeInstance>] => [
  makeInstance(`${name}/0`, { pid: 10 }),
  makeInstance(`${name}/1`, { pid: 11 }),
];
const commands = (...args: Parameters<typeof thingsToTry>): readonly string[] =>
  thingsToTry(...args).map(({ command }) => command);
const common = { translate: createTranslate(en), commandName: "npx flyball" };

test("the label's request is shown with the port that was really taken, then ps, then a kill of a service that calls a model", () => {
  const label = { labels: { "flyball.try": 'curl -d "question=什么是人工智能？" {url}/ask' } };
  const spec = makeSpec([
    makeService("question", { ...published, ...label }),
    makeService("language", grant),
    makeService("engine", { serve: { engine: "extractive", model: "m", args: [] } }),
  ]);
  const question = makeServiceStatus("question", pair("question"), { url: "http://127.0.0.1:5001/" });
  const status = makeStatus([
    makeServiceStatus("engine", pair("engine")),
    question,
    makeServiceStatus("language", pair("language")),
  ]);
  expect(commands({ ...common, spec, status })).toEqual([
    'curl -d "question=什么是人工智能？" http://127.0.0.1:5001/ask',
    "npx flyball ps",
    "kill -9 11",
  ]);
});

test("without a label the entrance is asked for its root", () => {
  const spec = makeSpec([makeService("back"), makeService("web", published)]);
  const status = makeStatus([
    makeServiceStatus("back", [makeInstance("back/0")], { url: "http://127.0.0.1:15000" }),
    makeServiceStatus("web", [makeInstance("web/0")], { url: "http://127.0.0.1:5000" }),
  ]);
  expect(commands({ ...common, spec, status })).toEqual(["curl http://127.0.0.1:5000/", "npx flyball ps"]);
});

test("nothing is killed that would not come back: the app is paused, or the service", () => {
  const spec = makeSpec([makeService("one"), makeService("two")]);
  const one = makeServiceStatus("one", pair("one"), { isPaused: true });
  const two = makeServiceStatus("two", [makeInstance("two/0"), makeInstance("two/1", { pid: 21 })]);
  expect(commands({ ...common, spec, status: makeStatus([one, two]) })).toEqual(["npx flyball ps", "kill -9 21"]);
  const paused = makeStatus([one, two], { isPaused: true });
  expect(commands({ ...common, spec, status: paused })).toEqual(["npx flyball ps"]);
});

test("nothing is killed that has no second, is stateful, or is not ready", () => {
  const spec = makeSpec([makeService("one"), makeService("data", { kind: "stateful" }), makeService("slow")]);
  const slow = [makeInstance("slow/0"), makeInstance("slow/1", { state: "starting" })];
  const status = makeStatus([
    makeServiceStatus("one", [makeInstance("one/0")]),
    makeServiceStatus("data", pair("data"), { kind: "stateful" }),
    makeServiceStatus("slow", slow),
  ]);
  expect(commands({ ...common, spec, status })).toEqual(["npx flyball ps"]);
});
