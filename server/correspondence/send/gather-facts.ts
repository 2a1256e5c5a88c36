import { type Decision, findResources, mayEach, partiesWithRole, type Question, type Resource, whoCanOpen } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId, PartyId } from '#kernel/ids.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { findParties, partiesByNumber } from '#register/index.ts';
import { areAmong, sendersSeenBy } from '../read/own-sending.ts';
import { type ExistingAttachment, holdAttachments } from '../store/attachment.ts';
import { listCreators } from '../store/sender.ts';
import { findUsedKeys, keyOf } from '../store/submission.ts';
import { type DialogMessage, holdDialogMessages } from '../store/transmission.ts';
import { numberOf } from './custom-recipients.ts';
import { dialogAsked, type Facts, keyOwnerOf, type Reach, recipientsOf } from './facts.ts';
import { type Addressed, needsOf, type SubmissionIds } from './plan-submission.ts';
import type { SendRequest } from './request.ts';

/** What a caller asks for. The ids belong to the request, so that trying it again after a lost commit writes it once. */
export interface Asked {
  readonly request: SendRequest;
  readonly files: readonly ReceivedFile[];
  readonly caller: Caller;
  readonly now: Date;
  readonly minimumAttachmentDays: number;
  readonly ids: SubmissionIds;
  /** The right to send, where it is known already. */
  readonly right?: Decision;
}

const noRight: Decision = { permit: false, by: 'none', path: [] };

/**
 * What the database knows of these requests, in a constant number of statements for each kind of fact. Attachments that they refer to are
 * held until the transaction ends. In the order asked.
 */
export async function gatherFacts(tx: Tx, asked: readonly Asked[]): Promise<Facts[]> {
  const [resources, parties, existing, dialogs] = await Promise.all([
    findResources(tx, [...new Set(asked.map(({ request }) => request.resourceId))]),
    partiesByNumber(tx, [...new Set(asked.flatMap(({ request }) => numbersIn(request)))]),
    holdAttachments(tx, [...new Set(asked.flatMap(({ request }) => request.existingAttachments))]),
    holdDialogMessages(tx, [...new Set(asked.flatMap(({ request }) => dialogAsked(request) ?? []))]),
  ]);
  const resourceOf = ({ request }: Asked) => resources.get(request.resourceId);
  const [owners, usedKeys, rights] = await Promise.all([
    findParties(tx, [...new Set([...resources.values()].map(({ ownerId }) => ownerId))]),
    findUsedKeys(
      tx,
      asked.flatMap((each) => keyUseOf(each, resourceOf(each)) ?? []),
    ),
    rightsOf(tx, asked, resourceOf),
  ]);
  const held = new Map(existing.map((attachment) => [attachment.id, attachment]));
  const attached = asked.map(({ request }) => request.existingAttachments.flatMap((id) => held.get(id) ?? []));
  const others = await othersAmong(tx, asked, attached);
  const dialogFor = givenRoom(dialogs);
  return asked.map((each, i) => {
    const resource = resourceOf(each);
    const { request, ids } = each;
    const use = keyUseOf(each, resource);
    const usedBy = use && usedKeys.get(keyOf(use.owner, use.key));
    return {
      ...each,
      resource,
      owner: resource && owners.get(resource.ownerId),
      // Its own key is used when its commit was lost on the way: it is written, and the database says so when it is written again.
      keyIsUsed: usedBy !== undefined && usedBy !== ids.submission,
      right: each.right ?? rights[i]!,
      parties,
      existing: attached[i]!,
      othersAttachments: others[i]!,
      dialog: dialogFor(dialogAsked(request)),
    };
  });
}

/** Of the attachments that each request refers to, those that a list would not show its caller as its own. The copy of a letter has that letter's. */
async function othersAmong(
  tx: Tx,
  asked: readonly Pick<Asked, 'caller' | 'right'>[],
  attached: readonly (readonly ExistingAttachment[])[],
): Promise<AttachmentId[][]> {
  const each = asked.flatMap(({ caller, right }, i) =>
    (right ? [] : attached[i]!).map(({ id, ownerId }) => ({ i, id, caller, owner: ownerId })),
  );
  if (each.length === 0) return asked.map(() => []);
  const [senders, creators] = await Promise.all([sendersSeenBy(tx, each), listCreators(tx, [...new Set(each.map(({ id }) => id))])]);
  const hidden = each.filter(({ id }, n) => !areAmong(senders[n]!, creators.get(id)));
  return asked.map((_, i) => hidden.filter((one) => one.i === i).map(({ id }) => id));
}

/** Requests that come at once share the room in a dialog. */
function givenRoom(dialogs: ReadonlyMap<CorrespondenceId, DialogMessage>) {
  const taken = new Map<CorrespondenceId, number>();
  return (id: CorrespondenceId | undefined): DialogMessage | undefined => {
    const dialog = id && dialogs.get(id);
    if (!dialog) return undefined;
    const before = taken.get(dialog.id) ?? 0;
    taken.set(dialog.id, before + 1);
    return { ...dialog, room: dialog.room - before };
  };
}

function keyUseOf({ request, caller }: Asked, resource: Resource | undefined): { owner: PartyId; key: string } | undefined {
  const owner = keyOwnerOf(caller, resource);
  return owner !== null && request.idempotentKey !== null ? { owner, key: request.idempotentKey } : undefined;
}

/** The right to send of each, in one question. Callers that are alike in all that a right depends on are asked for once. */
async function rightsOf(tx: Tx, asked: readonly Asked[], resourceOf: (asked: Asked) => Resource | undefined): Promise<Decision[]> {
  const keys = asked.map((each) => {
    const { scopes, ...who } = each.caller;
    return JSON.stringify([resourceOf(each)?.id, who, ...scopes]);
  });
  const open = new Map<string, { readonly caller: Caller; readonly question: Question }>();
  asked.forEach((each, i) => {
    const resource = resourceOf(each);
    const key = keys[i]!;
    if (!resource || open.has(key)) return;
    open.set(key, { caller: each.caller, question: { action: 'write', resource: resource.id, party: resource.ownerId } });
  });
  const decisions = await mayEach(tx, [...open.values()]);
  const rights = new Map([...open.keys()].map((key, i) => [key, decisions[i]!]));
  return keys.map((key) => rights.get(key) ?? noRight);
}

/** Numbers of all whom a request names: its recipients, and others that are to be notified. */
export function numbersIn({ recipients, notification }: SendRequest): string[] {
  return [...recipients.map(({ number }) => number), ...(notification?.customRecipients ?? []).map(numberOf)].filter(
    (number) => number !== null,
  );
}

/** A request that passed every check but those of reach, with the rights that reading each of its messages will take. */
export interface AddressedRequest {
  readonly resource: Resource;
  readonly addressed: readonly Addressed[];
}

/** Each recipient of each request with the id of its message to be, and the rights that reading it will take. */
export async function addressRecipients(
  tx: Tx,
  requests: readonly { readonly asked: Pick<Asked, 'ids'>; readonly facts: Facts; readonly resource: Resource }[],
): Promise<AddressedRequest[]> {
  const own = new Map(requests.map(({ resource }) => [resource.id, resource]));
  const foreign = requests.flatMap(({ facts }) => facts.existing.map(({ resourceId }) => resourceId)).filter((id) => !own.has(id));
  const resources = new Map([...own, ...(await findResources(tx, [...new Set(foreign)]))]);
  const policies = new Map([...resources.values()].map(({ id, policyVersion }) => [id, policyVersion]));
  return requests.map(({ asked: { ids }, facts, resource }) => {
    const addressed = recipientsOf(facts).map((recipient, i): Addressed => {
      const id = ids.messages[i]!;
      return { id, recipient, needs: needsOf({ id, resourceId: resource.id }, facts.existing, policies) };
    });
    return { resource, addressed };
  });
}

/** Roles of which one must be held at a recipient where the original's rule is kept. Source: compatibility.md, correspondence, §2.1 (B11). */
const keyRoles = [
  'daglig-leder',
  'styreleder',
  'innehaver',
  'bestyrende-reder',
  'deltaker-delt-ansvar',
  'deltaker-fullt-ansvar',
  'komplementar',
];

/** Who could open, for all recipients of all requests in one question. In the order asked. */
export async function gatherReach(tx: Tx, requests: readonly AddressedRequest[]): Promise<Reach[]> {
  const answers = await whoCanOpen(
    tx,
    requests.flatMap(({ addressed }) => addressed.map(({ recipient, needs }) => ({ party: recipient.id, needs }))),
  );
  const led = await organizationsLed(tx, requests);
  let next = 0;
  return requests.map(({ resource, addressed }) => ({
    openability: new Map(addressed.map(({ recipient }) => [recipient.id, answers[next++]!])),
    withoutKeyRole: new Set(resource.strictAltinn ? organizationsOf(addressed).filter((id) => !led.has(id)) : []),
  }));
}

/** Organizations at which somebody holds a key role, asked for where a resource wants to know. */
function organizationsLed(tx: Tx, requests: readonly AddressedRequest[]): Promise<Set<PartyId>> {
  const strict = requests.filter(({ resource }) => resource.strictAltinn).flatMap(({ addressed }) => organizationsOf(addressed));
  return partiesWithRole(tx, [...new Set(strict)], keyRoles);
}

function organizationsOf(addressed: readonly Addressed[]): PartyId[] {
  return addressed.filter(({ recipient }) => recipient.kind === 'organization').map(({ recipient }) => recipient.id);
}
