import { type Openability, type Resource, whoCanOpen } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import { beginWatches, type WatchBegin } from '#watch/index.ts';
import type { Acting } from '../acting-for.ts';
import { senderIs, transferEvent } from '../events.ts';
import { saveStatuses, saveTransfers, type Transfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';

/** An announcement that was accepted. */
export interface Announced {
  readonly transfer: Transfer;
  readonly resource: Resource;
  readonly sender: Party;
  readonly recipients: readonly Party[];
  readonly acting: Acting;
  readonly caller: Caller;
}

/** How long its bytes may be awaited before the sender is told. */
const awaitedMillis = 24 * 60 * 60 * 1000;

/** Watches and evidence first: the database looks for them. A constant number of statements. */
export async function writeAnnounced(tx: Tx, all: readonly Announced[]): Promise<void> {
  if (all.length === 0) return;
  const reached = all.flatMap(({ transfer, resource, recipients }) => recipients.map(({ id: party }) => ({ transfer, resource, party })));
  const openability = await whoCanOpen(
    tx,
    reached.map(({ transfer: { id: instance }, resource, party }) => ({
      party,
      needs: [{ resource: resource.id, action: 'read', instance, what: 'message' as const }],
    })),
  );
  beginWatches(
    tx,
    reached.map(({ transfer, resource, party }, i) => watchOf(transfer, resource, party, openability[i]!)),
  );
  recordEvidence(
    tx,
    all.map(({ transfer, caller, acting }) => ({
      event: 'SubmissionOpened' as const,
      about: transfer.id,
      at: transfer.createdAt,
      proves: 'recorded' as const,
      core: { resource: transfer.resourceId },
      who: actorOf(caller, acting.right.path),
      what: whatOf(transfer),
    })),
  );
  saveTransfers(
    tx,
    all.map(({ transfer, recipients }) => ({ ...transfer, recipients: recipients.map(({ id }) => id) })),
  );
  saveStatuses(
    tx,
    all.map(({ transfer: { id, state, stateText: text, createdAt: at } }) => ({ id, state, text, at })),
  );
  publishEvents(
    tx,
    all.map(({ transfer, sender }) => transferEvent('filetransferinitialized', transfer, senderIs(sender), transfer.createdAt)),
  );
}

function watchOf(transfer: Transfer, resource: Resource, party: PartyId, openability: Openability): WatchBegin {
  const { id, createdAt: at, expiresAt, senderId } = transfer;
  return {
    about: id,
    party,
    sender: senderId,
    resource: resource.id,
    confidential: resource.confidential,
    confirmNeeded: true,
    isFile: true,
    dueAt: null,
    ladder: 'file-transfer',
    at,
    needs: [{ resource: resource.id, action: 'read', instance: id, policyVersion: resource.policyVersion }],
    openability,
    expectedPublishAt: new Date(Math.min(at.getTime() + awaitedMillis, expiresAt.getTime())),
    senderSteps: [],
  };
}
