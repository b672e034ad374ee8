import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNodeTree, type NodeTree } from "./node-tree.ts";
import { countAnswer, seenOf, type OutputNode } from "./output-node.ts";
import { writeTraitPath } from "./trait-path.ts";

function pathOf(key: string, route = "", inputTokens = 100): Float64Array {
  const path = new Float64Array(8);
  const traits = { key, model: "m", route, shape: "", promptHash: 0, inputTokens, maxOutputTokens: undefined };
  writeTraitPath(traits, path);
  return path;
}

function learn(tree: NodeTree, path: Float64Array, bin: number): void {
  const chain: OutputNode[] = [];
  const count = tree.grow(path, chain);
  for (const node of chain.slice(0, count)) countAnswer(node, bin);
}

function find(tree: NodeTree, path: Float64Array): readonly OutputNode[] {
  const chain: OutputNode[] = [];
  const count = tree.find(path, chain);
  return chain.slice(0, count);
}

describe("node tree", () => {
  it("keeps one node while there is one kind of request", () => {
    const tree = createNodeTree(100);
    for (let answer = 0; answer < 10; answer += 1) learn(tree, pathOf("a"), 5);
    expect(tree.size).toBe(1);
    expect(find(tree, pathOf("a")).map(seenOf)).toEqual([10]);
  });

  it("parts two clients when the second comes, and each knows its own answers and both theirs together", () => {
    const tree = createNodeTree(100);
    for (let answer = 0; answer < 10; answer += 1) learn(tree, pathOf("a"), 5);
    for (let answer = 0; answer < 4; answer += 1) learn(tree, pathOf("b"), 9);
    expect(tree.size).toBe(3);
    expect(find(tree, pathOf("a")).map(seenOf)).toEqual([14, 10]);
    expect(find(tree, pathOf("b")).map(seenOf)).toEqual([14, 4]);
    expect(find(tree, pathOf("c")).map(seenOf)).toEqual([14]);
  });

  it("puts in the level where a client's routes part between the client and its sizes", () => {
    const tree = createNodeTree(100);
    learn(tree, pathOf("a", "chat", 100), 1);
    learn(tree, pathOf("a", "chat", 9000), 2);
    learn(tree, pathOf("a", "embed", 100), 3);
    expect(find(tree, pathOf("a", "chat", 9000)).map((node) => [node.from, node.to, seenOf(node)])).toEqual([
      [0, 2, 3],
      [3, 5, 2],
      [6, 7, 1],
    ]);
  });

  it("counts at every node exactly the answers that share its path", () => {
    const request = fc.tuple(
      fc.constantFrom("a", "b", "c"),
      fc.constantFrom("x", "y"),
      fc.constantFrom(10, 100, 110, 5000),
    );
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 30 }), (requests) => {
        const tree = createNodeTree(1000);
        for (const traits of requests) learn(tree, pathOf(...traits), 3);
        for (const traits of requests) {
          const own = pathOf(...traits);
          const chain = find(tree, own);
          expect(chain.at(-1)?.to).toBe(7);
          for (const node of chain) {
            const sharing = requests.filter((other) => pathOf(...other)[node.to] === own[node.to]);
            expect(seenOf(node)).toBe(sharing.length);
          }
        }
      }),
    );
  });

  it("keeps to its bound and to the client that is used", () => {
    const tree = createNodeTree(20);
    for (let other = 0; other < 500; other += 1) {
      learn(tree, pathOf("mine"), 5);
      learn(tree, pathOf(`other ${other}`), 9);
      expect(tree.size).toBeLessThanOrEqual(20);
    }
    expect(find(tree, pathOf("mine")).at(-1)?.recentCount).toBe(32);
    expect(find(tree, pathOf("other 3"))).toHaveLength(1);
    expect([...tree.nodes()]).toHaveLength(tree.size);
  });
});
