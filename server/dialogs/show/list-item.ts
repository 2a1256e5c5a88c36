import { findResources } from '#access/index.ts';
import { countTransmissions, listRecentTransmissions } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { findParties } from '#register/index.ts';
import { gatherItems, gatherLogs, seenOf } from '../gather-dialog.ts';
import type { DialogFacts } from '../store/dialog.ts';
import type { DialogListItem } from '../wire/dialogs.ts';
import { attachmentsOf } from './actions.ts';
import { headingOf, headOf } from './head.ts';

const none = { all: 0, unopened: 0 };

/**
 * The lines of a list, in a constant number of statements. The latest activity is looked for in the message and the transmissions
 * that were published or opened last.
 */
export async function showItems(reader: Reader, caller: Caller, dialogs: readonly DialogFacts[], at: Date): Promise<DialogListItem[]> {
  if (dialogs.length === 0) return [];
  const whole = dialogs.filter(({ isAlone }) => !isAlone).map(({ id }) => id);
  const recent = await listRecentTransmissions(reader, whole);
  const ids = [...dialogs.map(({ id }) => id), ...recent.map(({ id }) => id)];
  const [items, logs, resources, seen, transmissions] = await Promise.all([
    gatherItems(reader, ids, at),
    gatherLogs(reader, ids),
    findResources(reader, [...new Set(dialogs.map(({ resourceId }) => resourceId))]),
    seenOf(reader, dialogs),
    countTransmissions(reader, whole),
  ]);
  const named = [...dialogs.flatMap(({ ownerId, recipientId }) => [ownerId, recipientId]), ...seen.map(({ party }) => party)];
  const parties = await findParties(reader, [...new Set([...named, ...logs.parties])]);
  const [looks, recentOf] = [Map.groupBy(seen, ({ dialog }) => dialog), Map.groupBy(recent, ({ of }) => of)];
  const itemOf = new Map(items.map((item) => [item.part.message.id, item]));
  return dialogs.flatMap((facts): DialogListItem[] => {
    const own = itemOf.get(facts.id);
    if (!own) return [];
    const others = (recentOf.get(facts.id) ?? []).flatMap(({ id }) => itemOf.get(id) ?? []);
    const common = headOf({
      facts,
      part: own.part,
      resource: resources.get(facts.resourceId),
      owner: parties.get(facts.ownerId)!,
      recipient: parties.get(facts.recipientId)!,
      seen: looks.get(facts.id) ?? [],
      transmissions: transmissions.get(facts.id) ?? none,
      parties,
      current: caller.subject,
    });
    const guiAttachmentCount = attachmentsOf('', own.part, own.files).length;
    const latestActivity = logs.activities(facts.id, [own, ...others], parties).at(-1) ?? null;
    return [{ ...common, guiAttachmentCount, latestActivity, content: headingOf(own.part) }];
  });
}
