import { describe, expect, it } from "vitest";
import { readingsOf } from "./question-readings.ts";

describe("the clauses of a question that ask", () => {
  it.each([
    ["We're moving to Kubernetes; what exactly is a pod there?", ["what exactly is a pod there"]],
    ["If nobody labels the data, what can unsupervised learning do?", ["what can unsupervised learning do"]],
    ["The docs mention LoRA. What is it?", ["What is it"]],
    ["What is a prompt when people talk to a chatbot?", ["What is a prompt"]],
    ["老听人说蓝绿部署，请问这是个什么概念？", ["请问这是个什么概念"]],
    ["面试老问 CAP 定理，它说的是什么？", ["它说的是什么"]],
  ])("are told from those around them: %s", (question, clauses) => {
    expect(readingsOf(question)).toEqual(clauses);
  });

  it("are not looked for in a question of one clause", () => {
    expect(readingsOf("What is a container?")).toEqual([]);
    expect(readingsOf("什么是容器？")).toEqual([]);
    expect(readingsOf("")).toEqual([]);
  });

  it("are not parted at the commas of a list", () => {
    expect(readingsOf("What is the difference between SLI, SLO and SLA?")).toEqual([]);
  });

  it("are bounded in number", () => {
    expect(readingsOf("What is it? ".repeat(500)).length).toBeLessThanOrEqual(12);
  });
});
