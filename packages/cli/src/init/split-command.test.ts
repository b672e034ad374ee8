import fc from "fast-check";
import { expect, test } from "vitest";
import { splitCommand } from "./split-command.ts";

test.each([
  ["node server.js", ["node", "server.js"]],
  ["node server.js --name \"a b\" 'c d'", ["node", "server.js", "--name", "a b", "c d"]],
  ["puma -p $PORT", ["puma", "-p", "${instance.port}"]],
  ["puma -p ${PORT:-3000}", ["puma", "-p", "${instance.port}"]],
  ["A=1 node x.js", ["sh", "-c", "A=1 node x.js"]],
  ["node a.js && node b.js", ["sh", "-c", "node a.js && node b.js"]],
  ['echo "$HOME" $PORT', ["sh", "-c", 'echo "$$HOME" ${instance.port}']],
  ["ls *.js", ["sh", "-c", "ls *.js"]],
])("%s becomes %j", (line, command) => {
  expect(splitCommand(line)).toEqual(command);
});

test("words without shell syntax come back as they were", () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9_./:@-]+$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), (words) => {
      expect(splitCommand(words.join(" "))).toEqual(words);
    }),
  );
});
