// What a question wants, in both languages.

import { describe, expect, it } from "vitest";
import { questionKind } from "./question-kind.ts";

describe("questionKind", () => {
  it.each([
    ["What is a pod?", "definition"],
    ["What does TTFT mean?", "definition"],
    ["How do images differ from containers?", "difference"],
    ["Docker vs Podman", "difference"],
    ["Why do retries need jitter?", "reason"],
    ["How does a load balancer work?", "way"],
    ["When should I use a queue?", "condition"],
    ["When was Docker released?", "date"],
    ["Who wrote Linux?", "person"],
    ["Where is Docker based?", "place"],
    ["Where can I buy a container?", "place"],
    ["Where are images stored?", "other"],
    ["Where should settings be kept?", "other"],
    ["Where does the word cache come from?", "place"],
    ["Where does unfairness come from?", "other"],
    ["Who decides where a pod runs?", "other"],
    ["a part whose loss stops all", "other"],
    ["How much does an H100 cost?", "amount"],
    ["What are the risks of a shared database?", "other"],
    ["什么是容器？", "definition"],
    ["容器和虚拟机有什么区别", "difference"],
    ["为什么要限流？", "reason"],
    ["如何处理故障？", "way"],
    ["什么时候用缓存？", "condition"],
    ["Docker 是哪一年发布的？", "date"],
    ["谁发明了 Linux？", "person"],
    ["镜像存放在哪里？", "place"],
    ["H100 多少钱？", "amount"],
    ["What decides how long the first word takes?", "way"],
    ["What is a related problem?", "definition"],
    ["How are pods and nodes related?", "difference"],
    ["How is a pod different from a node?", "difference"],
    ["谁能讲讲容器是什么？", "definition"],
    ["这样做比手工好在哪里？", "other"],
    ["几个服务能不能共用一个库？", "other"],
    ["集群要几个节点？", "amount"],
    ["超时该设多少秒？", "other"],
  ])("reads %s as %s", (question, kind) => {
    expect(questionKind(question)).toBe(kind);
  });
});
