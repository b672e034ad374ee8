import { expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";
import { findApp, findRunningApp } from "./find-app.ts";

test("the app of the manifest here is found running without its manifest being read", async () => {
  await using app = await startFakeApp({ answers: {}, manifest: "this is : no [ manifest" });
  const place = {
    environment: { FLYBALL_STATE: `${app.directory}/state` },
    home: app.directory,
    workingDirectory: app.directory,
  };
  const found = await findRunningApp({ ...place, manifestOption: undefined });
  expect([found.app, found.isRunning, found.layout.directory]).toEqual(["demo", true, app.layout.directory]);
});

test("in a folder without a manifest the only running app is meant", async () => {
  await using app = await startFakeApp({ answers: {} });
  const environment = { FLYBALL_STATE: `${app.directory}/state` };
  const found = await findApp({ environment, home: app.directory, workingDirectory: "/", manifestOption: undefined });
  expect(found.manifestPath).toBe(`${app.directory}/flyball.yaml`);
});

test("an app that ran once is found, and is not running", async () => {
  const app = await startFakeApp({ answers: {} });
  const environment = { FLYBALL_STATE: `${app.directory}/state` };
  const place = { environment, home: app.directory, workingDirectory: "/", manifestOption: undefined };
  await app[Symbol.asyncDispose]();
  await expect(findApp(place)).rejects.toMatchObject({ code: "FB_MANIFEST_NOT_FOUND" });
});
