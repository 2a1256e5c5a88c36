import { refuse } from '#kernel/refusal.ts';
import { labelsOf } from './decide-labels.ts';
import { dialogErrors as e } from './errors.ts';
import type { DialogFacts } from './store/dialog.ts';
import type { ListQuery } from './wire/requests.ts';

/** Pure. Needs attention while a confirmation is asked for and missing. Source: compatibility.md, correspondence, §4.10. */
export function statusOf({ awaitsConfirmation }: Pick<DialogFacts, 'awaitsConfirmation'>): 'RequiresAttention' | 'NotApplicable' {
  return awaitsConfirmation ? 'RequiresAttention' : 'NotApplicable';
}

/** Pure. Somebody has looked since its content changed, and nobody has marked it since. Source: compatibility.md, platform, §5.2. */
export function isContentSeen({
  seenAt,
  contentAt,
  isMarkedUnopened,
}: Pick<DialogFacts, 'seenAt' | 'contentAt' | 'isMarkedUnopened'>): boolean {
  return seenAt !== null && seenAt >= contentAt && !isMarkedUnopened;
}

/** Pure. The process that the sender has named. */
export function processOf({ externalReferences }: Pick<DialogFacts, 'externalReferences'>): string | null {
  return externalReferences.find(({ referenceType }) => referenceType === 'DialogportenProcessId')?.referenceValue ?? null;
}

/** Pure. Whether the newest come first. Refuses filterNotOffered for an order by anything else than the time of the content. */
export function newestFirst(orderBy: string | null | undefined): boolean {
  const asked = /^contentupdatedat(?:_(asc|desc))?$/i.exec(orderBy ?? 'contentUpdatedAt');
  if (!asked) throw refuse(e.filterNotOffered, { what: 'an order by anything else than contentUpdatedAt' });
  return asked[1]?.toLowerCase() !== 'asc';
}

/** Pure. Refuses filterNotOffered. */
export function refuseUnoffered({ search }: Pick<ListQuery, 'search'>): void {
  if (search) throw refuse(e.filterNotOffered, { what: 'free text search' });
}

type Choice = (facts: DialogFacts) => boolean;

/** Both bounds included, as the original has them. Source: compatibility.md, platform, §5.2. */
const between = (
  of: (facts: DialogFacts) => Date | null,
  after: string | null | undefined,
  before: string | null | undefined,
): Choice[] => {
  if (!after && !before) return [];
  const [from, to] = [after ? new Date(after) : null, before ? new Date(before) : null];
  return [
    (facts) => {
      const time = of(facts);
      return time !== null && (from === null || time >= from) && (to === null || time <= to);
    },
  ];
};

/** Pure. What must hold of a dialog beside its party, its resource and the time of its content, each an answer to one filter. */
export function choicesOf(query: ListQuery): Choice[] {
  const { status, systemLabel, isContentSeen: seen, process, externalReference, extendedStatus } = query;
  const choices: Choice[] = [
    ...between((f) => f.createdAt, query.createdAfter, query.createdBefore),
    ...between((f) => f.updatedAt, query.updatedAfter, query.updatedBefore),
    ...between((f) => f.dueAt, query.dueAfter, query.dueBefore),
  ];
  if (status?.length) choices.push((f) => status.includes(statusOf(f)));
  if (systemLabel?.length) choices.push((f) => labelsOf(f).some((label) => systemLabel.includes(label)));
  if (seen != null) choices.push((f) => isContentSeen(f) === seen);
  if (process != null) choices.push((f) => processOf(f) === process);
  if (externalReference != null) choices.push((f) => f.sendersReference === externalReference);
  if (extendedStatus?.length) choices.push(() => false); // messages have none
  return choices;
}
