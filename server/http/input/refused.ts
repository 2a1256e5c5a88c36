import { Misfit } from '#kernel/misfit.ts';

export { Misfit };

/** One thing is wrong that no schema speaks of. */
export function misfit(key: string, detail: string): Misfit {
  return new Misfit([{ key, detail }]);
}

/** The body is larger than the route takes: 413. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** The client went away before the body was whole. Nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}
