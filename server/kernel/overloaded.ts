/**
 * What is needed cannot be had now (more waits than may wait, an issuer does not answer): nothing was done, and the caller may
 * come again. Answered 503 with Retry-After on every route, with the reason as a sentence.
 */
export class Overloaded extends Error {
  override readonly name: string = 'Overloaded';
  readonly retryAfterSeconds: number;
  readonly reason: string;
  readonly advice: string = 'Nothing was done; come again.';
  /** The connection is closed: the rest of the body is not waited for. */
  readonly hangsUp: boolean = false;

  constructor(retryAfterSeconds: number, reason = 'Too much waits already.') {
    super('too much waits already; nothing was done');
    this.retryAfterSeconds = retryAfterSeconds;
    this.reason = reason;
  }
}
