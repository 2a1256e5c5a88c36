import type { Violation } from './violations.ts';

/** The request does not fit the route's shape: 400 in the envelope of model validation. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  readonly violations: readonly Violation[];
  constructor(violations: readonly Violation[]) {
    super('the request does not fit its shape');
    this.violations = violations;
  }
}

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
