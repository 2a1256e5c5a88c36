import { ClientGone } from '#kernel/client-gone.ts';
import { Misfit } from '#kernel/misfit.ts';

export { ClientGone, Misfit };

/** One thing is wrong that no schema speaks of. */
export function misfit(key: string, detail: string): Misfit {
  return new Misfit([{ key, detail }]);
}

/** The body is larger than the route takes: 413. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}
