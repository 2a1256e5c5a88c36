/** A service may name whom it expects, by number; '' where it names nobody. */
export function hinted(hint: unknown): string {
  return typeof hint === 'string' ? hint.slice(hint.lastIndexOf(':') + 1) : '';
}
