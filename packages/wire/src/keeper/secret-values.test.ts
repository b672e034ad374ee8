import { expect, it } from "vitest";
import { createSecretValues } from "./secret-values.ts";

it("references to secrets are replaced in arguments and environment, and the label keeps the reference", () => {
  const secrets = createSecretValues();
  secrets.put({ pg: "p$1", "@keys": "k" });
  secrets.put({ pg: "p$&2" });
  expect(secrets.reveal("a${secrets.pg}b${secrets.pg}c${secrets.@keys}")).toBe("ap$&2bp$&2ck");
  expect(secrets.reveal("${other.pg} ${secrets.} $secrets.pg")).toBe("${other.pg} ${secrets.} $secrets.pg");
  expect(secrets.revealCommand({ argv: ["${secrets.pg}", "x"], environment: { A: "${secrets.pg}" } })).toEqual({
    argv: ["p$&2", "x"],
    environment: { A: "p$&2" },
    label: "${secrets.pg}",
  });
  expect(secrets.get(["pg"])).toEqual({ pg: "p$&2" });
  expect(() => secrets.reveal("${secrets.none}")).toThrow(/no secret none/);
});
