/**
 * Nothing more came of a request's body for as long as anybody waits. Answered 408 with the route's own refusal (`stalled`), or with
 * a plain problem; the connection is closed.
 */
export class BodyStalled extends Error {
  override readonly name = 'BodyStalled';

  constructor() {
    super('nothing more came of the body');
  }
}
