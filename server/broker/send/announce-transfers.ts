import { findResources, listOutside, type Resource } from '#access/index.ts';
import { type Answer, answered, busy } from '#db/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId, PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Party, partiesByNumber } from '#register/index.ts';
import { type Acting, actingForEach } from '../acting-for.ts';
import type { BrokerContext } from '../context.ts';
import { readHex } from '../custody/digest.ts';
import { brokerErrors as e } from '../errors.ts';
import { type Carriage, carriageOf } from '../resources/carriage.ts';
import { transferTexts } from '../states.ts';
import { findBrokerResources } from '../store/resource.ts';
import type { Transfer } from '../store/transfer.ts';
import { bareResourceId, numberIn } from '../wire.ts';
import { refuseUnlessAllowed } from './who-takes-part.ts';
import type { InitializeTransfer } from './wire.ts';
import { type Announced, writeAnnounced } from './write-announced.ts';

/** A file that its sender announces. */
export interface Announcement {
  readonly ctx: Pick<Context, 'now'> & Pick<BrokerContext, 'approvalNeeded'>;
  readonly caller: Caller;
  readonly body: InitializeTransfer;
  /** Of the transfer that comes of it. */
  readonly id: FileTransferId;
  /** For whom the caller acts, where that was asked before. */
  readonly known?: Acting;
}

/**
 * Decides these announcements, each by itself, and writes those that are accepted. One that names what nobody knows is answered `busy`, so that
 * it may come to be; when all is as it is, it is refused. In the order asked.
 */
export async function announceTransfers(
  tx: Tx,
  asked: readonly Announcement[],
  isAsItIs = false,
): Promise<(Answer<Transfer> | typeof busy)[]> {
  const named = asked.map(({ body }) => ({
    resource: bareResourceId<ResourceId>(body.resourceId),
    parties: [body.sender, ...body.recipients],
  }));
  const resourceIds = [...new Set(named.map(({ resource }) => resource))];
  const [resources, configured, parties] = await Promise.all([
    findResources(tx, resourceIds),
    findBrokerResources(tx, resourceIds),
    partiesByNumber(tx, [...new Set(named.flatMap((each) => each.parties.map(numberIn)))]),
  ]);
  const isKnown = ({ resource, parties: references }: (typeof named)[number]) =>
    resources.has(resource) && references.every((reference) => parties.has(numberIn(reference)));
  const organizationOf = (reference: string): Party | undefined => {
    const party = parties.get(numberIn(reference));
    return party?.kind === 'organization' ? party : undefined;
  };
  const facts = asked.map(({ body }, i): Facts => {
    const resource = resources.get(named[i]!.resource);
    const recipients = new Map(body.recipients.flatMap((reference) => organizationOf(reference) ?? []).map((party) => [party.id, party]));
    return {
      resource: resource?.deletedAt ? undefined : resource,
      carriage:
        resource &&
        carriageOf(
          resource,
          configured.find(({ id }) => id === resource.id),
        ),
      sender: organizationOf(body.sender),
      recipients: [...recipients.values()],
      unknown: [...new Set(body.recipients.filter((reference) => !organizationOf(reference)))],
    };
  });
  const [acting, outside] = await Promise.all([sendersOf(tx, asked, facts), outsideOf(tx, facts)]);
  const answers = asked.map((one, i): Answer<Announced> | typeof busy => {
    if (!isAsItIs && !isKnown(named[i]!)) return busy;
    return answered(() => decideAnnouncement(one, { ...facts[i]!, acting: one.known ?? acting[i], isOutside: outside(facts[i]!) }));
  });
  await writeAnnounced(
    tx,
    answers.flatMap((answer) => (answer !== busy && 'value' in answer ? answer.value : [])),
  );
  return answers.map((answer) => (answer !== busy && 'value' in answer ? { value: answer.value.transfer } : answer));
}

interface Facts {
  readonly resource: Resource | undefined;
  readonly carriage: Carriage | undefined;
  readonly sender: Party | undefined;
  readonly recipients: readonly Party[];
  /** As they were named. */
  readonly unknown: readonly string[];
}

function sendersOf(tx: Tx, asked: readonly Announcement[], facts: readonly Facts[]): Promise<(Acting | undefined)[]> {
  return actingForEach(
    tx,
    asked.map(({ caller, known }, i) => {
      const { resource, carriage, sender } = facts[i]!;
      const isAsked = !known && resource && carriage && sender;
      return {
        caller,
        action: 'write' as const,
        parties: isAsked ? [sender.id] : [],
        on: { resourceId: resource?.id ?? ('' as ResourceId) },
      };
    }),
  );
}

/** Whether the resource asks for lists and some recipient stands in none of them; the sender need not. Source: compatibility.md, broker, §2.2. */
async function outsideOf(tx: Tx, facts: readonly Facts[]): Promise<(one: Facts) => boolean> {
  const listed = facts.filter(({ resource }) => resource && (resource.listsEnabled || resource.accessList !== null));
  const outside = await listOutside(
    tx,
    listed.flatMap(({ resource, recipients }) => recipients.map(({ id }) => ({ resource: resource!.id, party: id }))),
    'read',
  );
  const isOutside = (resource: ResourceId, party: PartyId) => outside.some((one) => one.resource === resource && one.party === party);
  return ({ resource, recipients }) => resource !== undefined && recipients.some(({ id }) => isOutside(resource.id, id));
}

/** Pure. Refuses in this order: noAccess, unscannedNeedsApproval, recipientsUnknown, recipientsNotInList, and what the resource's own party asks for. */
function decideAnnouncement(
  { ctx, caller, body, id }: Announcement,
  {
    resource,
    carriage,
    sender,
    acting,
    recipients,
    unknown,
    isOutside,
  }: Facts & {
    readonly acting: Acting | undefined;
    readonly isOutside: boolean;
  },
): Announced {
  if (!resource || !carriage) throw refuse(e.noAccess);
  if (!sender || !acting) throw refuse(e.noAccess, { resource: resource.id });
  if (body.disableVirusScan && ctx.approvalNeeded && !carriage.unscannedApproved) throw refuse(e.unscannedNeedsApproval);
  if (unknown.length > 0) throw refuse(e.recipientsUnknown, { recipients: unknown.join(', ') });
  if (isOutside) throw refuse(e.recipientsNotInList);
  refuseUnlessAllowed({ carriage, sender, recipients });
  const at = ctx.now();
  const expiresAt = new Date(at.getTime() + carriage.timeToLiveSeconds * 1000);
  const transfer: Transfer = {
    id,
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
  return { transfer, resource, sender, recipients, acting, caller };
}
