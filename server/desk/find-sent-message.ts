import { type Decision, mayLookAfterEach } from '#access/index.ts';
import { areOwnSendings } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { deskErrors } from './errors.ts';
import { type AcceptedMessage, listAcceptedMessages } from './store.ts';

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
  return (await maybeSentMessages(reader, [{ caller, id }]))[0];
}

/** The same of many, in the order asked. */
export async function maybeSentMessages(
  reader: Reader,
  asked: readonly { readonly caller: Caller; readonly id: CorrespondenceId }[],
): Promise<(SentMessage | undefined)[]> {
  const messages = await listAcceptedMessages(
    reader,
    asked.map(({ id }) => id),
  );
  const known = asked.filter(({ id }) => messages.has(id));
  const rights = await mayLookAfterEach(
    reader,
    known.map(({ caller, id }) => {
      const { resourceId: resource, ownerId: party } = messages.get(id)!;
      return { caller, question: { action: 'write', resource, party } };
    }),
  );
  const permitted = known.flatMap((each, i) => (rights[i]!.permit ? [{ each, right: rights[i]! }] : []));
  const own = await areOwnSendings(
    reader,
    permitted.map(({ each }) => each),
  );
  const sent = new Map(
    permitted.flatMap(({ each, right }, i) => (own[i] ? [[each, { message: messages.get(each.id)!, right }] as const] : [])),
  );
  return asked.map((each) => sent.get(each));
}
