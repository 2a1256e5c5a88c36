import type { Say } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

const named = [
  'ordinaer-post-til-virksomheten',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'hovedadministrator',
  'tilgangsstyrer',
] as const;

interface Right {
  readonly package?: string | null;
  readonly resource?: string | null;
  /** Of the service that it opens, in the reader's language. */
  readonly title?: string | null;
}

/** What a package or a resource is called where people read it: by its own name, else by the service that it opens; by a code last. */
export function rightName(t: Say, right: Right): string {
  const id = right.package?.split(':').at(-1) ?? null;
  const known = named.find((each) => each === id);
  if (known) return t(`package.${known}`);
  return right.title ? plainly(right.title, 120) : (id ?? right.resource ?? '');
}
