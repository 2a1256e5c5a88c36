import { listOutside, type Openability, type Resource, resolveResource, whoCanOpen } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { asDb, type Tx } from '#kernel/database.ts';
import { type FileTransferId, newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Party, resolveParties } from '#register/index.ts';
import { beginWatches, type WatchBegin } from '#watch/index.ts';
import { type Acting, actingFor } from '../acting-for.ts';
import type { BrokerContext } from '../context.ts';
import { readHex } from '../custody/digest.ts';
import { brokerErrors as e } from '../errors.ts';
import { senderIs, transferEvent } from '../events.ts';
import { type Carriage, carriageOf } from '../resources/carriage.ts';
import { transferTexts } from '../states.ts';
import { saveRecipients } from '../store/recipient.ts';
import { findBrokerResource } from '../store/resource.ts';
import { saveStatuses, saveTransfer, type Transfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';
import { bareResourceId, numberIn } from '../wire.ts';
import { refuseUnlessAllowed } from './who-takes-part.ts';
import type { InitializeTransfer } from './wire.ts';

/** How long its bytes may be awaited before the sender is told. */
const awaitedMillis = 24 * 60 * 60 * 1000;

/**
 * A sender announces a file; its bytes come next. From now on somebody is watched to fetch it at each recipient. Twice makes two.
 *
 * Refuses noAccess, unscannedNeedsApproval, recipientsUnknown, recipientsNotInList, requiredPartyOneRecipient, requiredPartyMissing.
 * Source: compatibility.md, broker, §1.5, §2.1.
 */
export async function initializeTransfer(
  ctx: Context & Pick<BrokerContext, 'approvalNeeded'>,
  caller: Caller,
  body: InitializeTransfer,
): Promise<FileTransferId> {
  return ctx.db.transaction(async (tx) => (await announceTransfer(ctx, tx, caller, body)).id);
}

/** The same within a transaction that does more, which may know for whom the caller acts. */
export async function announceTransfer(
  ctx: Context & Pick<BrokerContext, 'approvalNeeded'>,
  tx: Tx,
  caller: Caller,
  body: InitializeTransfer,
  known?: Acting,
): Promise<Transfer> {
  // What a sandbox makes of names that nobody knows comes to be with the transfer, or not at all.
  const inside: Context = { db: asDb(tx), now: ctx.now, log: ctx.log };
  const facts = await gatherFacts(inside, tx, caller, body, known);
  if (body.disableVirusScan && ctx.approvalNeeded && !facts.carriage.unscannedApproved) throw refuse(e.unscannedNeedsApproval);
  if (facts.unknown.length > 0) throw refuse(e.recipientsUnknown, { recipients: facts.unknown.join(', ') });
  if (await isAnyOutside(tx, facts)) throw refuse(e.recipientsNotInList);
  refuseUnlessAllowed(facts);

  const transfer = transferOf(facts, caller, body, ctx.now());
  await writeTransfer(tx, { ...facts, transfer, caller });
  return transfer;
}

interface Facts {
  readonly resource: Resource;
  readonly carriage: Carriage;
  readonly sender: Party;
  readonly acting: Acting;
  readonly recipients: readonly Party[];
  /** As they were named. */
  readonly unknown: readonly string[];
}

async function gatherFacts(ctx: Context, tx: Tx, caller: Caller, body: InitializeTransfer, known?: Acting): Promise<Facts> {
  const resource = await resolveResource(ctx, bareResourceId<ResourceId>(body.resourceId), {
    type: 'BrokerService',
    owner: caller.consumer,
  });
  const carriage = resource && carriageOf(resource, await findBrokerResource(tx, resource.id));
  if (!resource || !carriage) throw refuse(e.noAccess);
  const parties = await resolveParties(ctx, [body.sender, ...body.recipients].map(numberIn));
  const organizationOf = (reference: string): Party | undefined => {
    const party = parties.get(numberIn(reference));
    return party?.kind === 'organization' ? party : undefined;
  };
  const sender = organizationOf(body.sender);
  const acting =
    known ?? (sender && (await actingFor(tx, caller, { action: 'write', parties: [sender.id], on: { resourceId: resource.id } })));
  if (!sender || !acting) throw refuse(e.noAccess, { resource: resource.id });
  const recipients = new Map(body.recipients.flatMap((reference) => organizationOf(reference) ?? []).map((party) => [party.id, party]));
  const unknown = [...new Set(body.recipients.filter((reference) => !organizationOf(reference)))];
  return { resource, carriage, sender, acting, recipients: [...recipients.values()], unknown };
}

/** Whether the resource asks for lists and some recipient stands in none of them; the sender need not. Source: compatibility.md, broker, §2.2. */
async function isAnyOutside(tx: Tx, { resource, recipients }: Facts): Promise<boolean> {
  const ids = recipients.map(({ id }) => id);
  return (await listOutside(tx, resource.id, ids, 'read')).length > 0;
}

function transferOf({ resource, carriage, sender }: Facts, caller: Caller, body: InitializeTransfer, at: Date): Transfer {
  const expiresAt = new Date(at.getTime() + carriage.timeToLiveSeconds * 1000);
  return {
    id: newId<FileTransferId>(),
    resourceId: resource.id,
    senderId: sender.id,
    senderGiven: body.sender,
    sendersReference: body.sendersFileTransferReference ?? null,
    fileName: body.fileName,
    propertyList: body.propertyList ?? {},
    declaredMd5: body.checksum?.trim() ? body.checksum : null,
    declaredSha256: readHex(body.checksumSha256),
    useVirusScan: !body.disableVirusScan,
    createdBy: caller.consumer,
    state: 'Initialized',
    stateText: transferTexts.Initialized,
    stateChangedAt: at,
    uploadId: null,
    uploadBeganAt: null,
    blobKey: null,
    sizeBytes: null,
    md5: null,
    sha256: null,
    createdAt: at,
    expiresAt,
    publishedAt: null,
    purgeAt: expiresAt,
  };
}

interface Accepted extends Facts {
  readonly transfer: Transfer;
  readonly caller: Caller;
}

/** Watches and evidence first: the database looks for them. */
async function writeTransfer(tx: Tx, { transfer, resource, sender, recipients, acting, caller }: Accepted): Promise<void> {
  const { id, createdAt: at } = transfer;
  const openability = await whoCanOpen(
    tx,
    recipients.map((party) => ({
      party: party.id,
      needs: [{ resource: resource.id, action: 'read', instance: id, what: 'message' as const }],
    })),
  );
  beginWatches(
    tx,
    recipients.map((party, i) => watchOf(transfer, resource, party.id, openability[i]!)),
  );
  recordEvidence(tx, [
    {
      event: 'SubmissionOpened',
      about: id,
      at,
      proves: 'recorded',
      core: { resource: resource.id },
      who: actorOf(caller, acting.right.path),
      what: whatOf(transfer),
    },
  ]);
  saveTransfer(tx, transfer);
  saveStatuses(tx, [{ id, state: transfer.state, text: transfer.stateText, at }]);
  saveRecipients(
    tx,
    transfer,
    recipients.map((party) => party.id),
  );
  publishEvents(tx, [transferEvent('filetransferinitialized', transfer, senderIs(sender), at)]);
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
