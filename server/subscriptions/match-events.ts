import type { OutboxRow } from '#events/index.ts';
import type { Party } from '#register/index.ts';
import type { Filters } from './store/subscription.ts';

/** Pure. Whether a subscription asks for the event. `subject` is the party that the event speaks of, `source` its absolute address. */
export function asksFor(
  filters: Filters,
  event: Pick<OutboxRow, 'resource' | 'type'>,
  source: string,
  subject: Party | undefined,
): boolean {
  if (filters.resource !== event.resource) return false;
  if (filters.typeFilter === null ? !filters.ownEvents && !isOfOriginal(event.type) : filters.typeFilter !== event.type) return false;
  if (filters.sourceFilter !== null && !isWithin(source, filters.sourceFilter)) return false;
  if (filters.subjectId === null) return true;
  if (!subject) return false;
  return subject.id === filters.subjectId || (filters.includeSubunits && subject.parentId === filters.subjectId);
}

/** Clients of the original get no type that they do not know unless they name it. Source: compatibility.md, correspondence, §0.1. */
export const isOfOriginal = (type: string): boolean => type.startsWith('no.altinn.');

/** The address itself or one below it. */
function isWithin(source: string, filter: string): boolean {
  const place = filter.replace(/\/+$/, '');
  return source === place || source.startsWith(`${place}/`);
}
