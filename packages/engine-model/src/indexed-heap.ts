// A binary heap whose members know their place in it, so that one in the middle leaves without a search.

/** What a member of a heap carries. A member is in one heap at a time. */
export interface HeapMember {
  /** Place in the heap; −1 when in none. Only the heap writes it. */
  heapIndex: number;
}

/** Members in the order of `isBefore`, the first one at hand. As large as its members; whoever adds bounds it. */
export interface IndexedHeap<T extends HeapMember> {
  readonly size: number;
  first(): T | undefined;
  add(member: T): void;
  /** Takes out a member of this heap. */
  remove(member: T): void;
}

/** Creates an empty heap. `isBefore` must be a strict order that does not change while members are in the heap. */
export function createIndexedHeap<T extends HeapMember>(isBefore: (a: T, b: T) => boolean): IndexedHeap<T> {
  const members: T[] = [];
  const place = (member: T, index: number): void => {
    members[index] = member;
    member.heapIndex = index;
  };
  const rise = (member: T, from: number): number => {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = members[parentIndex] as T;
      if (!isBefore(member, parent)) break;
      place(parent, index);
      index = parentIndex;
    }
    place(member, index);
    return index;
  };
  const sink = (member: T, from: number): void => {
    let index = from;
    for (let child = 2 * index + 1; child < members.length; child = 2 * index + 1) {
      const right = child + 1;
      if (right < members.length && isBefore(members[right] as T, members[child] as T)) child = right;
      const least = members[child] as T;
      if (!isBefore(least, member)) break;
      place(least, index);
      index = child;
    }
    place(member, index);
  };
  return {
    get size() {
      return members.length;
    },
    first: () => members[0],
    add: (member) => void rise(member, members.length),
    remove(member) {
      const index = member.heapIndex;
      const last = members.pop() as T;
      member.heapIndex = -1;
      if (last === member) return;
      if (rise(last, index) === index) sink(last, index);
    },
  };
}
