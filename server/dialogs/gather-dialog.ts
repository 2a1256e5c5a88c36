import { findResource } from '#access/index.ts';
import { type DialogFile, type DialogPart, listActs, listDialogFiles, listDialogParts, listTransmissions } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { listNotices } from '#notifications/index.ts';
import { findParties } from '#register/index.ts';
import { activitiesOf, inOrder } from './show/activities.ts';
import type { Parties } from './show/actors.ts';
import type { Gathered } from './show/head.ts';
import type { DialogFacts } from './store/dialog.ts';
import { listSeen, type SeenRow } from './store/seen.ts';
import type { Activity } from './wire/parts.ts';

/** A message of a dialog with its files. */
export interface Item {
  readonly part: DialogPart;
  readonly files: readonly DialogFile[];
}

/** A dialog with all that it shows to this reader. */
export interface WholeDialog extends Gathered {
  readonly files: readonly DialogFile[];
  readonly items: readonly Item[];
  readonly activities: readonly Activity[];
}

/** The transmissions that a dialog shows to this reader, oldest first. The right to the dialog has been asked for. */
export async function transmissionsOf(reader: Reader, { id, isAlone }: DialogFacts): Promise<CorrespondenceId[]> {
  return isAlone ? [] : (await listTransmissions(reader, id)).reverse();
}

/** These messages with their files, in the order given. */
export async function gatherItems(reader: Reader, ids: readonly CorrespondenceId[], at: Date): Promise<Item[]> {
  const [parts, files] = await Promise.all([listDialogParts(reader, ids), listDialogFiles(reader, ids, at)]);
  return ids.flatMap((id): Item[] => {
    const part = parts.get(id);
    return part ? [{ part, files: files.get(id) ?? [] }] : [];
  });
}

/** What the logs of these messages are written from. */
export async function gatherLogs(reader: Reader, ids: readonly CorrespondenceId[]) {
  const [acts, notices] = await Promise.all([listActs(reader, ids), listNotices(reader, ids)]);
  const [actsOf, noticesOf] = [Map.groupBy(acts, ({ messageId }) => messageId), Map.groupBy(notices, ({ about }) => about)];
  return {
    parties: acts.flatMap(({ partyId }) => partyId ?? []),
    /** Of one dialog, oldest first. */
    activities: (dialog: CorrespondenceId, items: readonly Item[], parties: Parties): Activity[] =>
      inOrder(
        items.flatMap(({ part, files }) =>
          activitiesOf(
            {
              dialog,
              part,
              acts: actsOf.get(part.message.id) ?? [],
              notices: noticesOf.get(part.message.id) ?? [],
              files: new Map(files.map(({ id, fileName }) => [id, fileName])),
            },
            parties,
          ),
        ),
      ),
  };
}

/** Everything that happened in a dialog, oldest first. The right to the dialog has been asked for. */
export async function gatherActivities(reader: Reader, facts: DialogFacts, at: Date): Promise<Activity[]> {
  const ids = [facts.id, ...(await transmissionsOf(reader, facts))];
  const [items, logs] = await Promise.all([gatherItems(reader, ids, at), gatherLogs(reader, ids)]);
  return logs.activities(facts.id, items, await findParties(reader, [...new Set(logs.parties)]));
}

/** All that a dialog shows to this reader. The right to the dialog has been asked for. */
export async function gatherDialog(reader: Reader, caller: Caller, facts: DialogFacts, at: Date): Promise<WholeDialog> {
  const ids = [facts.id, ...(await transmissionsOf(reader, facts))];
  const [items, logs, resource, seen] = await Promise.all([
    gatherItems(reader, ids, at),
    gatherLogs(reader, ids),
    findResource(reader, facts.resourceId),
    seenOf(reader, [facts]),
  ]);
  const named: PartyId[] = [facts.ownerId, facts.recipientId, ...seen.map(({ party }) => party), ...logs.parties];
  const parties = await findParties(reader, [...new Set(named)]);
  const [own, ...others] = items as [Item, ...Item[]];
  return {
    facts,
    part: own.part,
    files: own.files,
    items: others,
    resource,
    owner: parties.get(facts.ownerId)!,
    recipient: parties.get(facts.recipientId)!,
    seen,
    transmissions: { all: others.length, unopened: others.filter(({ part }) => part.message.openedAt === null).length },
    parties,
    current: caller.subject,
    activities: logs.activities(facts.id, items, parties),
  };
}

/** Who looked at these dialogs since their content changed, the latest first. */
export async function seenOf(reader: Reader, dialogs: readonly DialogFacts[]): Promise<SeenRow[]> {
  const rows = await listSeen(
    reader,
    dialogs.map(({ id, contentAt }) => ({ id, at: contentAt })),
  );
  const alone = new Set(dialogs.filter(({ isAlone }) => isAlone).map(({ id }) => id));
  return withoutRepeats(rows, alone);
}

/**
 * Pure. Others look again when a transmission comes. Whoever reads a message alone is told of the first look of each, and so learns of
 * none. The latest first.
 */
export function withoutRepeats(rows: readonly SeenRow[], alone: ReadonlySet<CorrespondenceId>): SeenRow[] {
  const first = new Map(rows.map((row) => [`${row.dialog} ${row.party}`, row]));
  return rows.filter((row) => !alone.has(row.dialog) || first.get(`${row.dialog} ${row.party}`) === row);
}
