import { describe, expect, it } from "vitest";
import { plainQuestion } from "./plain-question.ts";

describe("plainQuestion", () => {
  it.each([
    ["Give me the elevator pitch for a load balancer", "Give me explain a load balancer"],
    ["Help me get my head around sharding", "Help me explain sharding"],
    ["I need a short definition of latency.", "I need explain latency."],
    ["What's a pod, in layman's terms?", "What's a pod?"],
    ["Is a pod just another name for a container?", "Is a pod the same as a container?"],
    ["How would you tell a pod from a container?", "How would you distinguish a pod from a container?"],
    ["Why do chatbots make stuff up?", "Why do chatbots hallucinate?"],
    ["My pod keeps dying", "My pod crashes"],
    ["Please outline how a pod starts", "explain how a pod starts"],
    ["What does a pod denote?", "what is a pod?"],
    ["By what means does a pod start?", "how does a pod start?"],
    ["What do engineers mean when they say a pod?", "What is a pod?"],
    ["Explain pods to me like I'm a web developer", "Explain pods to me "],
    ["What's a pod, in one or two lines?", "What's a pod, ?"],
  ])("puts %s plainly", (question, plain) => {
    expect(plainQuestion(question)).toBe(plain);
  });

  it.each([
    "What is a pod?",
    "什么是容器？",
    "How do I deploy in two regions?",
    "What is lost in minutes per year?",
    "ELI5",
  ])("leaves %s as it is", (question) => {
    expect(plainQuestion(question)).toBe(question);
  });

  it("stays fast on a long question of nothing but beginnings", () => {
    const begun = performance.now();
    plainQuestion("where do mix up tell a ".repeat(5_000));
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
