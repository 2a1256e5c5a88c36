/** What keeps a process from starting and its operator can mend. Shown as it is, without a stack; the process then exits with 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
