// Listeners have ids such as `public/question.http`; people know them by what comes after the slash.

/** `question.http`, `control`. */
export function listenerName(id: string): string {
  return id.replace(/^public\//, "");
}
