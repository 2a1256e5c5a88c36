let given = 0;

/** Bytes that this process has given to connections and that the other sides have not taken: it holds them until they do. */
export const givenBytes = (): number => given;

/** What one connection is given. */
export interface Given {
  gave(bytes: number): void;
  took(bytes: number): void;
  isWaitedFor(): boolean;
  /** What it has not taken it never will. */
  end(): void;
}

export function countGiven(): Given {
  let mine = 0;
  let isOver = false;
  const add = (bytes: number): void => {
    if (isOver) return;
    mine += bytes;
    given += bytes;
  };
  return {
    gave: add,
    took: (bytes) => add(-bytes),
    isWaitedFor: () => mine > 0,
    end() {
      add(-mine);
      isOver = true;
    },
  };
}
