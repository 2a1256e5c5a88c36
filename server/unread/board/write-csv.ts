import { withoutFormulas } from '#kernel/spreadsheet.ts';
import type { BoardItem } from './wire.ts';

/** The names of the columns, which are never changed, and new ones come last: whoever reads the file by machine goes by them. */
export const columns = [
  'id',
  'kind',
  'recipient_name',
  'recipient_number',
  'recipient_kind',
  'resource',
  'confidential',
  'sent_at',
  'published_at',
  'opened_at',
  'due_at',
  'age_days',
  'cause',
  'class',
  'openers',
  'grantors',
  'next_step',
  'next_step_at',
  'last_step',
  'last_step_at',
  'failed',
  'decision_asked',
  'bytes_until',
  'fetched_by_system_at',
] as const;

/** A mark at the beginning by which Excel knows that a file is UTF-8. */
export const byteOrderMark = '\uFEFF';
export const headerLine = `${columns.join(',')}\r\n`;

/** Pure. One line of the extract. Without `withNumbers` the number of a person is left out; that of an organization is public. */
export function lineOf(item: BoardItem, withNumbers: boolean): string {
  const { recipient, lastStep } = item;
  const number = withNumbers || recipient.kind !== 'person' ? recipient.number : null;
  const values = [
    item.id,
    item.kind,
    recipient.name,
    number,
    recipient.kind,
    item.resource,
    item.confidential,
    item.sentAt,
    item.publishedAt,
    item.openedAt,
    item.dueAt,
    item.ageDays,
    item.cause,
    item.class,
    item.openers,
    item.grantors,
    item.nextStep,
    item.nextStepAt,
    lastStep?.name,
    lastStep?.at,
    item.failed,
    item.decisionAsked,
    item.bytesUntil,
    item.fetchedBySystemAt,
  ];
  return `${values.map(field).join(',')}\r\n`;
}

/** Pure. A field of RFC 4180, and no formula in any spreadsheet. */
export function field(value: string | number | boolean | null | undefined): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value);
  const guarded = withoutFormulas(value);
  return /[",;\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
