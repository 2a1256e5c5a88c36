import { findResource, mayEach } from '#access/index.ts';
import {
  type ActRow,
  type DialogFile,
  type DialogPart,
  dialogIdOf,
  listActs,
  listDialogFiles,
  listDialogParts,
  listTransmissions,
} from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { listNotices } from '#notifications/index.ts';
import { findParties, type Party } from '#register/index.ts';
import { activitiesOf, inOrder } from './show/activities.ts';
import type { Gathered } from './show/head.ts';
import type { DialogFacts } from './store/dialog.ts';
import { listSeen } from './store/seen.ts';
import type { Activity } from './wire/parts.ts';

/** A message of a dialog with its files. */
export interface Item {
  readonly part: DialogPart;
  readonly files: readonly DialogFile[];
}

/** A dialog with all that it shows to this reader. */
export interface WholeDialog extends Gathered {
  readonly files: readonly DialogFile[];
  /** Those that the reader may read; of others nothing is told. */
  readonly items: readonly Item[];
  readonly activities: readonly Activity[];
}

/** All that a dialog shows: its message, and the transmissions that this caller may read. The right to the dialog has been asked for. */
export async function gatherDialog(reader: Reader, caller: Caller, facts: DialogFacts, at: Date): Promise<WholeDialog> {
  const transmissions = await readableTransmissions(reader, caller, facts);
  const ids = [facts.id, ...transmissions];
  const [parts, resource, seen, acts, notices] = await Promise.all([
    listDialogParts(reader, ids),
    findResource(reader, facts.resourceId),
    listSeen(reader, [{ id: facts.id, at: facts.contentAt }]),
    listActs(reader, ids),
    listNotices(reader, ids),
  ]);
  const shown = ids.flatMap((id) => parts.get(id) ?? []);
  const items = await Promise.all(
    shown.map(async (part): Promise<Item> => ({ part, files: await listDialogFiles(reader, part.message, at) })),
  );
  const parties = await partiesIn(reader, facts, [...seen.map(({ party }) => party), ...acts.map(({ partyId }) => partyId)]);
  const actsOf = Map.groupBy(acts, ({ messageId }) => messageId);
  const noticesOf = Map.groupBy(notices, ({ about }) => about);
  const told = items.flatMap(({ part, files }) =>
    activitiesOf(
      {
        part,
        acts: actsOf.get(part.message.id) ?? [],
        notices: noticesOf.get(part.message.id) ?? [],
        files: new Map(files.map(({ id, fileName }) => [id, fileName])),
      },
      parties,
    ),
  );
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
    transmissions: others.map(({ part }) => ({ isOpened: part.message.openedAt !== null })),
    parties,
    reader: caller.subject,
    activities: inOrder(told),
  };
}

/** The transmissions of a dialog that the caller may read: each has a resource of its own. */
async function readableTransmissions(reader: Reader, caller: Caller, { id, recipientId }: DialogFacts): Promise<CorrespondenceId[]> {
  const ids = (await listTransmissions(reader, [id])).map((transmission) => transmission.id);
  const parts = await listDialogParts(reader, ids);
  const rights = await mayEach(
    reader,
    ids.map((one) => {
      const resource = parts.get(one)!.message.resourceId;
      return { caller, question: { action: 'read', resource, party: recipientId, instance: one, dialog: dialogIdOf(id) } };
    }),
  );
  return ids.filter((_, i) => rights[i]!.permit && rights[i]!.by === 'right');
}

function partiesIn(
  reader: Reader,
  { ownerId, recipientId }: DialogFacts,
  others: readonly (ActRow['partyId'] | PartyId)[],
): Promise<Map<PartyId, Party>> {
  return findParties(reader, [...new Set([ownerId, recipientId, ...others.filter((party) => party !== null)])]);
}
