import type { Decision } from '#access/index.ts';
import { actorOf, type EvidenceRow, recordEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { movedMessage } from '../states.ts';
import { type Message, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { actingParty } from './standing.ts';

/** Repeated looks of one party within this time are one. Source: compatibility.md, correspondence, §4.4. */
export const fetchedAgainMillis = 15_000;

/** Something that a caller does to a locked message as its recipient, by a right of its own or as the resource's owner. */
export interface Act {
  readonly message: Message;
  readonly caller: Caller;
  readonly right: Decision;
  readonly at: Date;
}

/** Evidence of a look that opens nothing; of the owner's it says that it was the sender's. */
export function lookOf({ message, caller, right, at }: Act, core?: object): EvidenceRow {
  return {
    event: right.by === 'owner' ? 'SenderViewed' : 'OverviewFetched',
    about: message.id,
    recipient: message.recipientId,
    at,
    proves: 'nothing',
    ...(core ? { core } : {}),
    who: actorOf(caller, right.path),
  };
}

/** The message was looked at: Fetched for clients, and proof of nothing. */
export function recordFetched(tx: Tx, act: Act): void {
  const { message, caller, at } = act;
  recordEvidence(tx, [lookOf(act)]);
  saveStatuses(tx, [{ messageId: message.id, status: 'Fetched', text: 'Fetched', at, party: actingParty(caller) }]);
  saveMoves(tx, [{ id: message.id, state: movedMessage(message.state, 'fetch'), fetchedAt: at }]);
}
