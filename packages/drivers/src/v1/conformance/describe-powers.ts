// Optional powers: tried on the drivers that have them.
import assert from "node:assert/strict";
import { isFlyballError } from "@flyball/core";
import { checksListeners, knowsAddresses, knowsExclusives, measuresResources, runsCommands } from "../powers.ts";
import type { ConformanceSubject } from "./conformance-subject.ts";
import { scenario, TWO_PORTS, type Scenario } from "./scenario.ts";

/** Tests of resources, commands, addresses, exclusives and listeners; a driver without a power is asked nothing. */
export function describePowers(subject: ConformanceSubject): void {
  scenario(
    subject,
    "every running instance is measured, an exited one is not",
    async ({ driver, workload, apply, signal }) => {
      const power = measuresResources(driver);
      if (!power) return;
      const instances = await apply(workload("steady"), 2);
      await driver.stop(instances[0]!.handle, { graceMs: 10_000, stopSignal: "SIGTERM" }, signal);
      const usage = await power.measure(signal);
      assert.deepEqual(
        usage.map((entry) => entry.handle),
        [instances[1]!.handle],
      );
      assert.ok(usage[0]!.rssBytes > 0 && usage[0]!.cpuSeconds >= 0);
    },
  );

  scenario(
    subject,
    "the address of a tcp port is known before the instance runs",
    async ({ driver, workload, startOne }) => {
      const power = knowsAddresses(driver);
      if (!power) return;
      const program = workload("steady", { ports: TWO_PORTS });
      const before = await power.addressOf(program, "sql");
      assert.ok(before);
      assert.deepEqual(await power.addressOf(program, "sql"), before);
      assert.equal(await power.addressOf(program, "other"), undefined);
      const instance = await startOne(program);
      assert.deepEqual(instance.addresses["sql"], before);
      assert.deepEqual(await power.addressOf(program, "sql"), before);
    },
  );

  scenario(
    subject,
    "a workload with a tcp port is exclusive, one without a fixed port is not",
    async ({ driver, workload }) => {
      const power = knowsExclusives(driver);
      if (!power) return;
      assert.equal(typeof power.exclusiveReason(workload("steady", { ports: TWO_PORTS })), "string");
      assert.equal(power.exclusiveReason(workload("steady", { ports: TWO_PORTS.slice(0, 1) })), undefined);
    },
  );

  scenario(
    subject,
    "nobody else listens on the ports of an instance, and an unknown handle is refused",
    async ({ driver, workload, startOne, signal }) => {
      const power = checksListeners(driver);
      if (!power) return;
      const { handle } = await startOne(workload("steady", { ports: TWO_PORTS }));
      assert.equal(await power.foreignListener(handle, signal), undefined);
      await assert.rejects(
        async () => power.foreignListener(`${handle}0`, signal),
        (error) => isFlyballError(error, "FB_DRIVER_UNKNOWN_INSTANCE"),
      );
    },
  );

  if (subject.commands) describeCommands(subject, subject.commands);
}

function describeCommands(subject: ConformanceSubject, commands: NonNullable<ConformanceSubject["commands"]>): void {
  const withPower = async (
    { driver, workload, startOne, signal }: Scenario,
    command: readonly string[],
    timeoutMs: number,
  ) => {
    const power = runsCommands(driver);
    assert.ok(power, "the subject brings commands, so the driver runs them");
    const { handle } = await startOne(workload("steady"));
    return power.runCommand(handle, command, { timeoutMs }, signal);
  };

  scenario(subject, "a command answers with its code and output", async (given) => {
    const { command, output } = commands.succeeding;
    assert.deepEqual(await withPower(given, command, 10_000), { code: 0, output });
  });

  scenario(subject, "a failing command is an answer, not an error", async (given) => {
    assert.equal((await withPower(given, commands.failing.command, 10_000)).code, commands.failing.code);
  });

  scenario(subject, "a command that takes too long is an error, and no instance of the app", async (given) => {
    await assert.rejects(withPower(given, commands.hanging.command, 200), (error) =>
      isFlyballError(error, "FB_DRIVER_COMMAND_TIMED_OUT"),
    );
    assert.equal((await given.running()).length, 1);
  });

  scenario(subject, "a command for an unknown handle is refused", async ({ driver, workload, startOne, signal }) => {
    const power = runsCommands(driver);
    const { handle } = await startOne(workload("steady"));
    await assert.rejects(
      async () => power?.runCommand(`${handle}0`, commands.succeeding.command, { timeoutMs: 1_000 }, signal),
      (error) => isFlyballError(error, "FB_DRIVER_UNKNOWN_INSTANCE"),
    );
  });
}
