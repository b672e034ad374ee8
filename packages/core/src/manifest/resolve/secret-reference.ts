// A value that is nothing but a reference to a secret.

/** The secret's name in `${secrets.openai}`; undefined for anything else. */
export function secretReference(text: string): string | undefined {
  return /^\$\{secrets\.([a-z][a-z0-9-]{0,39})\}$/.exec(text)?.[1];
}
