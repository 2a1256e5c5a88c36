/** What must be ended whatever happens: the newest first, each once. */
export interface Closers {
  add(close: () => Promise<unknown>): () => Promise<void>;
  closeAll(): Promise<void>;
}

/** Ends what was added, also when the process is asked to end in the middle. An end that fails does not keep the others from theirs. */
export function createClosers(): Closers {
  const open = new Set<() => Promise<void>>();
  const closeAll = async (): Promise<void> => {
    for (const close of [...open].toReversed()) await close().catch((error: unknown) => console.error(error));
  };
  return {
    add(close) {
      let closed: Promise<void> | undefined;
      const once = (): Promise<void> => {
        open.delete(once);
        closed ??= close().then(() => {});
        return closed;
      };
      open.add(once);
      return once;
    },
    closeAll,
  };
}
