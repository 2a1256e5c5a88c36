import { may } from '#access/index.ts';
import { dialogIdOf, messageOfDialog } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { dialogErrors as e } from './errors.ts';
import { type DialogFacts, findDialogFacts } from './store/dialog.ts';

/** The one who reads dialogs: a person, or a system user. Refuses callerNotEndUser. Source: compatibility.md, platform, §5.2. */
export function endUser(caller: Caller): PartyId {
  if (caller.subject === null || (caller.kind !== 'person' && caller.kind !== 'system-user')) throw refuse(e.callerNotEndUser);
  return caller.subject;
}

/** What is asked to read a message in its dialog. */
export function readQuestion({ id, resourceId, recipientId }: Pick<DialogFacts, 'id' | 'resourceId' | 'recipientId'>) {
  return { action: 'read', resource: resourceId, party: recipientId, instance: id, dialog: dialogIdOf(id) };
}

/** A dialog and by which right it is read. */
export interface ReadDialog {
  readonly facts: DialogFacts;
  /** As access walked it. */
  readonly path: readonly string[];
}

/**
 * A dialog that the caller may read, by a right of its own: that a resource's owner may is not asked, since the owner is no reader.
 * To whom it is none of their business it is not there. Refuses callerNotEndUser, dialogNotFound, levelTooLow.
 */
export async function findDialog(reader: Reader, caller: Caller, dialogId: string): Promise<ReadDialog> {
  endUser(caller);
  const [facts] = await findDialogFacts(reader, [messageOfDialog(dialogId)]);
  if (!facts) throw refuse(e.dialogNotFound);
  const right = await may(reader, caller, readQuestion(facts));
  if (right.permit && right.by === 'right') return { facts, path: right.path };
  throw right.minimumLevel === undefined ? refuse(e.dialogNotFound) : refuse(e.levelTooLow, { level: right.minimumLevel });
}
