// Makes a switch over a union exhaustive: the compiler refuses a forgotten case, and a value from outside the types fails loudly.

/** Throws for a value that the types say cannot exist. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
