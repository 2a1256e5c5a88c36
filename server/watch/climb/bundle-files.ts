import { createHash } from 'node:crypto';
import type { Reader } from '#kernel/database.ts';
import { type NoticeRow, noticesOf, type Purpose, stepsUnderWay } from '#notifications/index.ts';
import { dayInOslo, nextMorning } from '../oslo-day.ts';
import { countOpenFiles, type WatchItem } from '../store/item.ts';
import { whenBundled } from '../store/step.ts';

/** Files of one sender that wait at one recipient, of one service: whoever reads those of another may know nothing of them. */
export interface WaitingFiles {
  readonly unopened: number;
  /** Of those, what nobody can fetch and somebody could let somebody in to. */
  readonly sealed: number;
  readonly opened: number;
}

const keyOf = ({ sender, party, resource }: Pick<WatchItem, 'sender' | 'party' | 'resource'>) => `${sender} ${party} ${resource}`;

export async function readWaitingFiles(reader: Reader, items: readonly WatchItem[]): Promise<ReadonlyMap<string, WaitingFiles>> {
  const files = items.filter(({ isFile }) => isFile);
  if (files.length === 0) return new Map();
  const counts = await countOpenFiles(reader, files);
  return new Map(counts.map((count) => [keyOf(count), count]));
}

/** Pure. How many files a notice for this purpose speaks of: of what nobody can fetch, what can be fetched is none. */
export function filesFor(purpose: Purpose, item: WatchItem, waiting: ReadonlyMap<string, WaitingFiles>): number {
  const { unopened, sealed, opened } = waiting.get(keyOf(item)) ?? { unopened: 1, sealed: 1, opened: 0 };
  if (purpose === 'file-confirm') return Math.max(1, opened);
  return Math.max(1, purpose === 'file-sealed' ? sealed : unopened);
}

export interface FileNotices {
  readonly item: WatchItem;
  readonly notices: readonly NoticeRow[];
}

export interface Bundled {
  readonly notices: readonly NoticeRow[];
  /** What each step was told by: the step of the common notice, by the step's id. */
  readonly stepOf: ReadonlyMap<string, string>;
}

/**
 * Where several files of a sender's service wait at a recipient, one notice a day tells each of its addresses of all of them, whatever step
 * of whichever file has ordered it. What comes due after it went to an address is told there by one on the next morning, unless the one that
 * went spoke of it already. A single file has its own.
 */
export async function bundleFiles(
  reader: Reader,
  told: readonly FileNotices[],
  waiting: ReadonlyMap<string, WaitingFiles>,
  at: Date,
): Promise<Bundled> {
  const many = told.flatMap(({ item, notices }) =>
    notices.filter(({ purpose }) => item.isFile && filesFor(purpose, item, waiting) > 1).map((notice) => ({ item, notice })),
  );
  if (many.length === 0) return { notices: told.flatMap(({ notices }) => notices), stepOf: new Map() };
  const todays = (one: (typeof many)[number], day: string) => bundleStep([keyOf(one.item), one.notice.purpose, one.notice.channel, day]);
  const underWay = await stepsUnderWay(reader, [...new Set(many.map((one) => todays(one, dayInOslo(at))))]);
  const [wordedAt, sent] =
    underWay.size === 0 ? nothingSent : await Promise.all([whenBundled(reader, [...underWay]), noticesOf(reader, [...underWay])]);
  const isTold = ({ notice }: (typeof many)[number], step: string) =>
    (sent.get(step) ?? []).some(({ address, state }) => isSame(address, notice.address) && state !== 'failed' && state !== 'cancelled');
  const morning = nextMorning(at);
  const stepOf = new Map<string, string>();
  const bundled = many.flatMap((one): NoticeRow[] => {
    const today = todays(one, dayInOslo(at));
    const isLate = underWay.has(today) && isTold(one, today);
    const isOver = isLate && isCounted(one.item, one.notice.purpose, wordedAt.get(today));
    const step = isLate && !isOver ? todays(one, dayInOslo(morning)) : today;
    if (!isOver || !stepOf.has(one.notice.step)) stepOf.set(one.notice.step, step);
    return isOver ? [] : [{ ...one.notice, about: null, party: null, step, ...(isLate ? { dueAt: morning } : {}) }];
  });
  const gone = new Set(many.map(({ notice }) => notice));
  return { notices: [...told.flatMap(({ notices }) => notices.filter((notice) => !gone.has(notice))), ...bundled], stepOf };
}

const nothingSent = [new Map<string, Date>(), new Map<string, readonly { readonly address: string; readonly state: string }[]>()] as const;
const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
/** What is stored at the moment of a count may be seen by it or not. */
const surelyCountedMillis = 60_000;

/** Pure. Whether a notice in these words, written then, counted this file: of what was sealed later one that told of sealed files knew nothing. */
function isCounted({ publishedAt, openedAt, noOpenerToldAt }: WatchItem, purpose: Purpose, wordedAt: Date | undefined): boolean {
  const sealedAt = noOpenerToldAt ?? publishedAt;
  const since = purpose === 'file-confirm' ? openedAt : purpose === 'file-sealed' ? sealedAt : publishedAt;
  return wordedAt !== undefined && since !== null && since.getTime() < wordedAt.getTime() - surelyCountedMillis;
}

/** The same files and day give the same step, so that a notice is planned once. A UUID version 8 (RFC 9562). */
function bundleStep(parts: readonly string[]): string {
  const h = createHash('sha256')
    .update(`files ${parts.join(' ')}`)
    .digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
