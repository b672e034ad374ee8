import fc from "fast-check";
import { expect, test } from "vitest";
import { displayWidth, padToWidth } from "./display-width.ts";
import { colourStyle, plainStyle } from "./style.ts";
import { renderTable } from "./table.ts";

test("columns line up on a terminal with wide characters and colour in them", () => {
  const table = renderTable(
    ["服务", "STATE"],
    [
      ["api", colourStyle.green("ok")],
      ["数据库", "down"],
    ],
    plainStyle,
  );
  expect(table.split("\n")).toEqual(["服务    STATE", `api     ${colourStyle.green("ok")}`, "数据库  down"]);
});

test("no line ends with spaces", () => {
  expect(renderTable(["A", "B"], [["x", ""]], plainStyle)).toBe("A  B\nx");
});

test("the width of a text is that of its characters, without colour and combining marks", () => {
  expect(displayWidth("abc")).toBe(3);
  expect(displayWidth("人工智能")).toBe(8);
  expect(displayWidth("（）")).toBe(4);
  expect(displayWidth("é")).toBe(1);
  expect(displayWidth(colourStyle.red("✗ 失败"))).toBe(6);
});

test("padding reaches exactly the width, or leaves a text that is wider", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(80), (text, width) => {
      expect(displayWidth(padToWidth(text, width))).toBe(Math.max(width, displayWidth(text)));
    }),
  );
});
