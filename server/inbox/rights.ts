import { type Decision, itemsGivenTo, mayEach } from '#access/index.ts';
import { dialogIdOf } from '#correspondence/index.ts';
import { listPlaces } from '#dialogs/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { inboxErrors as e } from './errors.ts';
import { type EntryRow, findEntries, type Within } from './store/list.ts';

/** `open`: the caller may open it. `level`: it could, with a higher level of login. */
export interface Standing {
  readonly can: 'open' | 'level' | 'no';
  readonly path: readonly string[];
  readonly minimumLevel: number | null;
  /** It was shared with the caller by itself, for reading: nothing else of its kind there is open to it. */
  readonly readsOnly: boolean;
}

type Asked = Pick<EntryRow, 'id' | 'party' | 'resource' | 'dialog'>;

/** What the caller may do with each, by a right of its own: that the owner of a resource may look makes nobody a reader. In the order asked. */
export async function standingsOf(reader: Reader, caller: Caller, rows: readonly Asked[]): Promise<Standing[]> {
  const decisions = await mayEach(
    reader,
    rows.map(({ id, party, resource, dialog }) => ({
      caller,
      question: { action: 'read', resource, party, instance: id, dialog: dialogIdOf(dialog as CorrespondenceId) },
    })),
  );
  // What opens by a grant of this one thing may be open by more: of those few it is asked what the caller could without.
  const alone = rows.filter((_, i) => decisions[i]!.path[0]?.startsWith('grant of one item '));
  const without = await mayEach(
    reader,
    alone.map(({ party, resource, dialog }) => ({
      caller,
      question: { action: 'read', resource, party, dialog: dialogIdOf(dialog as CorrespondenceId) },
    })),
  );
  const shared = new Set(alone.filter((_, i) => !without[i]!.permit));
  return decisions.map((decision, i) => ({ ...standingOf(decision), readsOnly: shared.has(rows[i]!) }));
}

/** Pure. */
function standingOf({ permit, by, path, minimumLevel }: Decision): Omit<Standing, 'readsOnly'> {
  if (permit && by === 'right') return { can: 'open', path, minimumLevel: null };
  return minimumLevel === undefined ? { can: 'no', path: [], minimumLevel: null } : { can: 'level', path, minimumLevel };
}

/** Of messages, so many that were given by themselves are looked through, the latest first. */
const mostItems = 1000;

/** Where the caller may read all that lies there, and the messages elsewhere that were given to it by themselves. Files are not among them. */
export async function whereItReads(reader: Reader, caller: Caller, parties: readonly PartyId[]): Promise<Within> {
  const [places, items] = await Promise.all([
    listPlaces(reader, parties),
    caller.subject === null ? [] : itemsGivenTo(reader, caller.subject, parties, mostItems),
  ]);
  const rights = await mayEach(
    reader,
    places.map(({ party, resource }) => ({ caller, question: { action: 'read', resource, party } })),
  );
  return { places: places.filter((_, i) => rights[i]!.permit && rights[i]!.by === 'right'), ids: items.map(({ instance }) => instance) };
}

/** An entry that the caller may open; of a file that came to several of its parties the first. Refuses entryNotFound, as of one that is not there. */
export async function findOpenable(
  reader: Reader,
  caller: Caller,
  id: string,
): Promise<{ readonly entry: EntryRow; readonly standing: Standing }> {
  const entries = await findEntries(reader, id);
  const standings = await standingsOf(reader, caller, entries);
  const at = standings.findIndex(({ can }) => can === 'open');
  if (at < 0) throw refuse(e.entryNotFound);
  return { entry: entries[at]!, standing: standings[at]! };
}
