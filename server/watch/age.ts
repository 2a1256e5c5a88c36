/** Pure. Whole days of 24 hours since then; none for what lies ahead. */
export function ageInDays(since: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - since.getTime()) / 86_400_000));
}
