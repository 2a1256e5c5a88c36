/**
 * What was asked may have been done, or not: it was lost on its way to being kept. Unlike `Overloaded` it says nothing of what was
 * written, so that nobody may take back what belongs to it. Answered 503 on every route, with what the caller can do.
 */
export class OutcomeUnknown extends Error {
  override readonly name: string = 'OutcomeUnknown';
}
