/** More waits than may wait: nothing was done, and the caller may come again. Answered 503 with Retry-After on every route. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too much waits already; nothing was done');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
