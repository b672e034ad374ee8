import { rm } from "node:fs/promises";
import { stateLayout } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";
import { prepareStateFolder } from "./app-record.ts";
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

test("an app of a folder below that was ended is not running, with the command that starts it from here", async () => {
  await using folder = await createTemporaryFolder();
  const manifestPath = await folder.write("apps/shop/flyball.yaml", "apiVersion: flyball/v1\nname: shop\n");
  const environment = { FLYBALL_STATE: `${folder.path}/state` };
  const layout = stateLayout(environment.FLYBALL_STATE, "shop", "0a0b0c0d");
  prepareStateFolder({ app: "shop", clone: "0a0b0c0d", manifestPath, layout, startedAt: 0 });
  const from = (workingDirectory: string) =>
    findApp({ environment, home: folder.path, workingDirectory, manifestOption: undefined });
  await expect(from(folder.path)).rejects.toMatchObject({
    code: "FB_CLI_NOT_RUNNING",
    details: { app: "shop", command: "flyball --file apps/shop/flyball.yaml up" },
  });
  await expect(from(`${folder.path}/app`)).rejects.toMatchObject({ code: "FB_MANIFEST_NOT_FOUND" });
  await rm(manifestPath);
  await expect(from(folder.path)).rejects.toMatchObject({ code: "FB_MANIFEST_NOT_FOUND" });
});
