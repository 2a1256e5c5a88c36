import { findResources } from '#access/index.ts';
import { listActs, listDialogParts, listFileCounts, listTransmissions } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { findParties } from '#register/index.ts';
import type { DialogFacts } from '../store/dialog.ts';
import { listSeen } from '../store/seen.ts';
import type { DialogListItem } from '../wire/dialogs.ts';
import { activitiesOf } from './activities.ts';
import { headingOf, headOf } from './head.ts';

/** The lines of a list, in a constant number of statements. */
export async function showItems(reader: Reader, caller: Caller, dialogs: readonly DialogFacts[]): Promise<DialogListItem[]> {
  if (dialogs.length === 0) return [];
  const ids = dialogs.map(({ id }) => id);
  const [parts, resources, seen, transmissions, acts, counts] = await Promise.all([
    listDialogParts(reader, ids),
    findResources(reader, [...new Set(dialogs.map(({ resourceId }) => resourceId))]),
    listSeen(
      reader,
      dialogs.map(({ id, contentAt }) => ({ id, at: contentAt })),
    ),
    listTransmissions(reader, ids),
    listActs(reader, ids),
    listFileCounts(reader, ids),
  ]);
  const parties = await findParties(reader, [
    ...new Set([
      ...dialogs.flatMap(({ ownerId, recipientId }) => [ownerId, recipientId]),
      ...seen.map(({ party }) => party),
      ...acts.flatMap(({ partyId }) => partyId ?? []),
    ]),
  ]);
  const [seenOf, transmissionsOf, actsOf] = [
    Map.groupBy(seen, ({ dialog }) => dialog),
    Map.groupBy(transmissions, ({ of }) => of),
    Map.groupBy(acts, ({ messageId }) => messageId),
  ];
  return dialogs.flatMap((facts): DialogListItem[] => {
    const part = parts.get(facts.id);
    if (!part) return [];
    const told = activitiesOf({ part, acts: actsOf.get(facts.id) ?? [], notices: [], files: new Map() }, parties);
    const common = headOf({
      facts,
      part,
      resource: resources.get(facts.resourceId),
      owner: parties.get(facts.ownerId)!,
      recipient: parties.get(facts.recipientId)!,
      seen: seenOf.get(facts.id) ?? [],
      transmissions: transmissionsOf.get(facts.id) ?? [],
      parties,
      reader: caller.subject,
    });
    return [{ ...common, guiAttachmentCount: counts.get(facts.id) ?? 0, latestActivity: told.at(-1) ?? null, content: headingOf(part) }];
  });
}
