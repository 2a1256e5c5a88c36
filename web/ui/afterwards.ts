/**
 * Does something when a change has gone through, also when the form that asked for it is gone by then (what was sealed is
 * not shown once it is open). What went wrong is shown by the mutation itself.
 */
export function afterwards<T>(change: Promise<T>, done: (answer: T) => void): void {
  change.then(done, () => undefined);
}
