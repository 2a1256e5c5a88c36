/**
 * A call that must go from a lower feature to a higher one: the lower declares it, `app.ts` fills it.
 * Until it is filled a call does nothing and answers undefined.
 */
export interface Hook<A extends readonly unknown[], R> {
  fill(with_: (...args: A) => Promise<R>): void;
  readonly isFilled: boolean;
  call(...args: A): Promise<R | undefined>;
}

export function hook<A extends readonly unknown[], R = void>(): Hook<A, R> {
  let filled: ((...args: A) => Promise<R>) | undefined;
  return {
    fill(with_) {
      filled = with_;
    },
    get isFilled() {
      return filled !== undefined;
    },
    async call(...args) {
      return filled?.(...args);
    },
  };
}
