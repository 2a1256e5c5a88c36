import { listDialogFiles, listDialogParts } from '#correspondence/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import type { Standing } from './rights.ts';
import { type EntryRow, listLines } from './store/list.ts';
import type { InboxItem } from './wire.ts';

/** The lines of a list as they stand now, in a constant number of statements; what is gone meanwhile is left out. */
export async function showEntries(
  reader: Reader,
  shown: readonly { readonly entry: EntryRow; readonly standing: Standing }[],
  at: Date,
): Promise<InboxItem[]> {
  if (shown.length === 0) return [];
  const messages = shown.filter(({ entry }) => entry.kind === 'message').map(({ entry }) => entry.id as CorrespondenceId);
  const [lines, parts, files] = await Promise.all([
    listLines(
      reader,
      shown.map(({ entry }) => entry),
    ),
    listDialogParts(reader, messages),
    messages.length > 0 ? listDialogFiles(reader, messages, at) : new Map<CorrespondenceId, never[]>(),
  ]);
  const parties = await findParties(reader, [...new Set(lines.flatMap(({ sender, party }) => [sender, party]))]);
  const lineOf = new Map(lines.map((line) => [`${line.id} ${line.party}`, line]));
  return shown.flatMap(({ entry, standing }): InboxItem[] => {
    const line = lineOf.get(`${entry.id} ${entry.party}`);
    const part = parts.get(entry.id as CorrespondenceId);
    if (!line || (entry.kind === 'message' && !part)) return [];
    const canOpen = standing.can === 'open';
    return [
      {
        id: entry.id,
        kind: entry.kind,
        title: canOpen ? (part?.title ?? line.fileName) : null,
        titleLanguage: canOpen && part ? part.language : null,
        sender: { name: (canOpen ? part?.messageSender : null) ?? parties.get(line.sender)?.name ?? '' },
        recipient: { id: entry.party, name: parties.get(entry.party)?.name ?? '' },
        publishedAt: line.publishedAt.toISOString(),
        dueAt: line.dueAt?.toISOString() ?? null,
        unread: line.openedAt === null || line.isMarked,
        openedAt: line.openedAt?.toISOString() ?? null,
        confirmNeeded: line.isConfirmationNeeded,
        confirmedAt: line.confirmedAt?.toISOString() ?? null,
        confidential: entry.isConfidential,
        attachmentCount: entry.kind === 'file' ? 1 : (files.get(entry.id as CorrespondenceId)?.length ?? 0),
        labels: canOpen && !standing.readsOnly ? [...line.words] : [], // a word can say more than the letter
        folder: entry.folder,
        archived: entry.folder === 'archive',
        canOpen,
        levelNeeded: standing.minimumLevel,
      },
    ];
  });
}
