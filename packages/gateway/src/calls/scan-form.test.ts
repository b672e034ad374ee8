import { describe, expect, it } from "vitest";
import { joinBody } from "../body/whole-body.ts";
import { scanForm, spliceForm } from "./scan-form.ts";

const TYPE = "multipart/form-data; boundary=b";

function form(...parts: readonly (readonly [disposition: string, value: string])[]): Buffer {
  const text = parts.map(([name, value]) => `--b\r\ncontent-disposition: form-data; ${name}\r\n\r\n${value}\r\n`);
  return Buffer.from(`${text.join("")}--b--\r\n`, "latin1");
}

describe("the scan of a form", () => {
  it("finds the model, the number of answers, and how much of it is files", () => {
    const body = form(
      ['name="model"', "chat"],
      ['name="n"', "3"],
      ['name="stream"', "true"],
      ['name="image[]"; filename="a.png"', "\x00\xff".repeat(500)],
      ["name=\"mask\"; filename*=UTF-8''b.png", "x".repeat(24)],
      ['name="prompt"', 'a "filename=" in a text'],
    );
    const scan = scanForm(body, TYPE);
    expect(scan).toMatchObject({
      kind: "found",
      model: "chat",
      isStream: true,
      choices: 3,
      files: 2,
      fileBytes: 1_024,
    });
    if (scan.kind !== "found") return;
    expect(joinBody(spliceForm(body, scan, "gpt-image-1")).toString("latin1")).toBe(
      body.toString("latin1").replace("chat", "gpt-image-1"),
    );
  });

  it("takes a file that is named like the model for a file", () => {
    expect(scanForm(form(['name="model"; filename="m"', "chat"]), TYPE)).toMatchObject({ kind: "invalid" });
    expect(scanForm(form(['name="model"', "chat"], ['name="n"', "many"]), TYPE)).toMatchObject({
      choices: 1,
      files: 0,
    });
  });
});
