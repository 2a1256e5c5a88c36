/** What the user can mend: shown as it is, without a stack. */
export class ToldError extends Error {
  override readonly name = 'ToldError';
}
