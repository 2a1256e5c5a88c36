import { refuse } from '#kernel/refusal.ts';
import { dialogErrors as e } from './errors.ts';

/** One of the revisions that a caller means; with quotes as RFC 9110 has it or bare as the original gives it, weakened by a proxy or not. */
const tag = /^(?:(?:W\/)?"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))$/i;

/** Pure. The revisions that `If-Match` names; null for any. Refuses revisionUnreadable. Source: compatibility.md, platform, §5.2. */
export function readIfMatch(header: string | undefined): string[] | null {
  if (header === undefined || header.trim() === '' || header.trim() === '*') return null;
  return header.split(',').map((text) => {
    const found = tag.exec(text.trim());
    if (!found) throw refuse(e.revisionUnreadable);
    return (found[1] ?? found[2]!).toLowerCase();
  });
}
