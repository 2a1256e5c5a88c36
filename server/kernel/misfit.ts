/** What does not fit, with the key and the words that clients see. */
export interface Misfitting {
  readonly key: string;
  readonly detail: string;
}

/** The request does not fit the route's shape, or a rule about it that no schema speaks of: 400 in the envelope of model validation. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  readonly violations: readonly Misfitting[];
  constructor(violations: readonly Misfitting[]) {
    super('the request does not fit its shape');
    this.violations = violations;
  }
}
