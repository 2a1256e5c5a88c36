import type { Say } from '../ui/language.ts';

const named = [
  'ordinaer-post-til-virksomheten',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'hovedadministrator',
  'tilgangsstyrer',
] as const;

/** What a package or a resource is called where people read it. */
export function rightName(t: Say, right: { readonly package?: string | null; readonly resource?: string | null }): string {
  const id = right.package?.split(':').at(-1) ?? null;
  const known = named.find((each) => each === id);
  if (known) return t(`package.${known}`);
  return id ?? right.resource ?? '';
}
