// Tells when streamed JSON text is a complete object, so that a tool call can be closed as soon as the next one begins. It only counts
// brackets outside strings; whether the text is valid is the tool's matter.

/** Follows one text. */
export interface JsonEnd {
  push(text: string): void;
  /** An object or list was opened and closed again. */
  isComplete(): boolean;
}

/** Creates it before the first piece. */
export function createJsonEnd(): JsonEnd {
  let depth = 0;
  let wasOpen = false;
  let isInString = false;
  let isEscaped = false;
  return {
    push(text) {
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (isEscaped) isEscaped = false;
        else if (isInString) {
          if (code === 0x5c) isEscaped = true;
          else if (code === 0x22) isInString = false;
        } else if (code === 0x22) isInString = true;
        else if (code === 0x7b || code === 0x5b) {
          depth += 1;
          wasOpen = true;
        } else if (code === 0x7d || code === 0x5d) depth -= 1;
      }
    },
    isComplete: () => wasOpen && depth <= 0,
  };
}
