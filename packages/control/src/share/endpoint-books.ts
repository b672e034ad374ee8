// The slots and the memory of every endpoint that gateways share, each a whole that is divided by itself (traffic/lease). Pure. Bounded by what the
// living gateways name: a book that none of them names any more is thrown away.
import type { EndpointLease, EndpointUse, UseOfWhole } from "@flyball/core";
import {
  createShareBook,
  forgetSharing,
  gatewaysToAsk,
  shareFromBook,
  type ShareBook,
  type SharingCaller,
} from "@flyball/traffic";

/** The books. */
export interface EndpointBooks {
  /** What a gateway says of all its endpoints; answers its parts. */
  report(
    uses: readonly EndpointUse[],
    caller: SharingCaller & { readonly isLeaving: boolean },
  ): readonly EndpointLease[];
  /** It is gone for certain. */
  forget(gateway: string): void;
  /** Gateways whose word is needed before another one gets what is due to it. */
  toAsk(): ReadonlySet<string>;
  /** Nobody shares anything any more. */
  clear(): void;
}

interface EndpointBook {
  readonly slots: ShareBook;
  readonly memoryTokens: ShareBook;
  /** Requests in flight, by gateway. */
  readonly active: Map<string, number>;
}

/** Creates them, empty. */
export function createEndpointBooks(): EndpointBooks {
  const books = new Map<string, EndpointBook>();
  const bookOf = (endpoint: string): EndpointBook => {
    const known = books.get(endpoint);
    if (known !== undefined) return known;
    const book = { slots: createShareBook(), memoryTokens: createShareBook(), active: new Map<string, number>() };
    books.set(endpoint, book);
    return book;
  };
  const forgetAt = (endpoint: string, book: EndpointBook, gateway: string): void => {
    book.active.delete(gateway);
    forgetSharing(book.slots, gateway);
    forgetSharing(book.memoryTokens, gateway);
    if (book.active.size === 0) books.delete(endpoint);
  };
  return {
    report(uses, caller) {
      const { gateway } = caller;
      const named = new Set(uses.map(({ endpoint }) => endpoint));
      for (const [endpoint, book] of books) if (!named.has(endpoint)) forgetAt(endpoint, book, gateway);
      return uses.map(({ endpoint, active, slots, memoryTokens }) => {
        const book = bookOf(endpoint);
        book.active.set(gateway, active);
        return {
          endpoint,
          ...(slots === undefined ? {} : { slots: partOf(book.slots, slots, caller) }),
          ...(memoryTokens === undefined ? {} : { memoryTokens: partOf(book.memoryTokens, memoryTokens, caller) }),
          othersActive: othersActive(book, caller),
        };
      });
    },
    forget(gateway) {
      for (const [endpoint, book] of books) forgetAt(endpoint, book, gateway);
    },
    toAsk() {
      const wanted = new Set<string>();
      for (const { slots, memoryTokens } of books.values()) {
        for (const gateway of gatewaysToAsk(slots)) wanted.add(gateway);
        for (const gateway of gatewaysToAsk(memoryTokens)) wanted.add(gateway);
      }
      return wanted;
    },
    clear: () => books.clear(),
  };
}

function partOf(
  book: ShareBook,
  { whole, held, wanted }: UseOfWhole,
  caller: SharingCaller & { readonly isLeaving: boolean },
): number {
  return shareFromBook(book, { whole, held, wanted, isLeaving: caller.isLeaving }, caller);
}

function othersActive({ active }: EndpointBook, { gateway, endedAt }: SharingCaller): number {
  let sum = 0;
  for (const [other, count] of active) if (other !== gateway && endedAt(other) === undefined) sum += count;
  return sum;
}
