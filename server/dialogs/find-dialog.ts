import { mayEach } from '#access/index.ts';
import { dialogIdOf, messageOfDialog } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { dialogErrors as e } from './errors.ts';
import { type DialogFacts, type DialogPlace, findDialogFacts, findDialogPlaces } from './store/dialog.ts';

/** The one who reads dialogs: a person, or a system user. Refuses callerNotEndUser. Source: compatibility.md, platform, §5.2. */
export function endUser(caller: Caller): PartyId {
  if (caller.subject === null || (caller.kind !== 'person' && caller.kind !== 'system-user')) throw refuse(e.callerNotEndUser);
  return caller.subject;
}

/** Pure. The dialog in which correspondence finds the message: tokens name it, also to those who read the message alone. */
export function standingIn({ id, transmissionOf }: Pick<DialogPlace, 'id' | 'transmissionOf'>): string {
  return dialogIdOf(transmissionOf ?? id);
}

/** Pure. What is asked to read a message in its dialog. */
export function readQuestion(place: DialogPlace) {
  return { action: 'read', resource: place.resourceId, party: place.recipientId, instance: place.id, dialog: standingIn(place) };
}

/** A dialog and by which right it is read. */
export interface ReadDialog {
  readonly facts: DialogFacts;
  /** As access walked it. */
  readonly path: readonly string[];
}

/** As `findDialogs`, for one. */
export async function findDialog(reader: Reader, caller: Caller, dialogId: string): Promise<ReadDialog> {
  return (await findDialogs(reader, caller, [dialogId]))[0]!;
}

/**
 * Dialogs that the caller may read, by a right of its own: that a resource's owner may is not asked, since the owner is no reader.
 * Who may read all in the resource reads the dialog with its transmissions; to whom a message was given by itself it is a dialog by
 * itself, whether it stands in another or not. To whom it is none of their business it is not there. In the order asked.
 *
 * Refuses callerNotEndUser, dialogNotFound, levelTooLow. Source: compatibility.md, platform, §5.2.
 */
export async function findDialogs(reader: Reader, caller: Caller, dialogIds: readonly string[]): Promise<ReadDialog[]> {
  endUser(caller);
  const ids = dialogIds.map(messageOfDialog);
  const places = await findDialogPlaces(reader, [...new Set(ids)]);
  const shown = await showTo(reader, caller, places);
  const facts = await findDialogFacts(reader, [...shown.values()]);
  const found = new Map(facts.map((one) => [one.id, { facts: one, path: shown.get(one.id)!.path }]));
  return ids.map((id) => {
    const dialog = found.get(id);
    if (!dialog) throw refuse(e.dialogNotFound);
    return dialog;
  });
}

interface Shown {
  readonly id: CorrespondenceId;
  readonly isAlone: boolean;
  readonly path: readonly string[];
}

/** Refuses levelTooLow; what the caller may not read otherwise is left out. */
async function showTo(reader: Reader, caller: Caller, places: readonly DialogPlace[]): Promise<Map<CorrespondenceId, Shown>> {
  const rights = await mayEach(
    reader,
    places.flatMap((place) => {
      const question = readQuestion(place);
      const { instance: _, ...ofResource } = question;
      return [
        { caller, question: ofResource },
        { caller, question },
      ];
    }),
  );
  const shown = new Map<CorrespondenceId, Shown>();
  for (const [i, { id, transmissionOf }] of places.entries()) {
    const [ofResource, ofMessage] = [rights[2 * i]!, rights[2 * i + 1]!];
    if (ofResource.permit && ofResource.by === 'right') {
      if (transmissionOf === null) shown.set(id, { id, isAlone: false, path: ofResource.path });
    } else if (ofMessage.permit && ofMessage.by === 'right') {
      shown.set(id, { id, isAlone: true, path: ofMessage.path });
    } else if (transmissionOf === null && ofMessage.minimumLevel !== undefined) {
      throw refuse(e.levelTooLow, { level: ofMessage.minimumLevel });
    }
  }
  return shown;
}
