import { type Decision, mayLookAfterEach } from '#access/index.ts';
import { isOwnSending } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { deskErrors } from './errors.ts';
import { type AcceptedMessage, findAcceptedMessage } from './store.ts';

export interface SentMessage {
  readonly message: AcceptedMessage;
  readonly right: Decision;
}

/**
 * The message and the right to it, for those who may send on its resource for its owner, and have sent it or speak for the owner; where the owner is gone, also for whoever stands in for it. Everybody else is told the same as of a message
 * that does not exist. Refuses messageNotFound.
 */
export async function findSentMessage(reader: Reader, caller: Caller, id: CorrespondenceId): Promise<SentMessage> {
  const sent = await maybeSentMessage(reader, caller, id);
  if (!sent) throw refuse(deskErrors.messageNotFound, { id });
  return sent;
}

/** The same; undefined for everybody else. */
export async function maybeSentMessage(reader: Reader, caller: Caller, id: CorrespondenceId): Promise<SentMessage | undefined> {
  const message = await findAcceptedMessage(reader, id);
  if (!message) return undefined;
  const question = { action: 'write', resource: message.resourceId, party: message.ownerId };
  const right = (await mayLookAfterEach(reader, [{ caller, question }]))[0]!;
  return right.permit && (await isOwnSending(reader, caller, id)) ? { message, right } : undefined;
}
