/** What must be ended whatever happens: the newest first, each once. */
export interface Closers {
  add(close: () => Promise<unknown>): () => Promise<void>;
  closeAll(): Promise<void>;
}

/** Ends what was added, also when the process is asked to end in the middle. An end that fails does not keep the others from theirs. */
export function createClosers(): Closers {
  const open = new Set<() => Promise<void>>();
  let closing: Promise<void> | undefined;
  const closeEach = async (): Promise<void> => {
    for (let close = [...open].at(-1); close; close = [...open].at(-1)) await close().catch((error: unknown) => console.error(error));
  };
  return {
    add(close) {
      let closed: Promise<void> | undefined;
      const once = (): Promise<void> => {
        closed ??= close()
          .then(() => {})
          .finally(() => open.delete(once));
        return closed;
      };
      open.add(once);
      return once;
    },
    closeAll() {
      closing ??= closeEach().finally(() => {
        closing = undefined;
      });
      return closing;
    },
  };
}
