import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Permission } from "./endpoint-breaker.ts";
import { selectEndpoints } from "./selectable-endpoints.ts";

const of = (permission: Permission, wasTried = false) => ({ permission, wasTried });

describe("selectEndpoints", () => {
  it("leaves ejected and tried endpoints out", () => {
    expect(selectEndpoints([of("send"), of("refuse"), of("send", true)])).toEqual({
      kind: "choose",
      indices: [0],
      isPanic: false,
    });
  });

  it("sends the single probe first", () => {
    expect(selectEndpoints([of("send"), of("probe")])).toEqual({ kind: "probe", index: 1 });
  });

  it("makes all candidates again when every endpoint is ejected", () => {
    expect(selectEndpoints([of("refuse"), of("refuse")])).toEqual({
      kind: "choose",
      indices: [0, 1],
      isPanic: true,
    });
  });

  it("does not panic while a healthy endpoint was merely tried by this request", () => {
    expect(selectEndpoints([of("send", true), of("refuse")])).toEqual({ kind: "none" });
  });

  it("never empties a pool for a request that has tried nothing", () => {
    const permission = fc.constantFrom<Permission>("send", "probe", "refuse");
    fc.assert(
      fc.property(
        fc.array(permission, { minLength: 1 }),
        (permissions) => selectEndpoints(permissions.map((each) => of(each))).kind !== "none",
      ),
    );
  });
});
