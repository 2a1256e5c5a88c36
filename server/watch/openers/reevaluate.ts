import { type AccessChange, lastAccessChanges, type Openability, type Thing, whoCanOpen } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { type Actor, budstikkeItself, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { cancelNotices, cancelNoticesToOthers, findOrders, resumeNotices, toGrantors, toOpeners } from '#notifications/index.ts';
import { findParties, type Party } from '#register/index.ts';
import { grantorsOf } from '../begin/begin-watches.ts';
import { keepCauses } from '../causes/keep-causes.ts';
import { notifyGrantors, notifyNewOpener, notifyUnlocked, tellNoOpener } from '../climb/decide-step.ts';
import { workOrLeaveOut } from '../climb/leave-out.ts';
import { noteUse } from '../progress/note-use.ts';
import { settleWatch } from '../progress/settle-watch.ts';
import { isWhole } from '../progress/whole.ts';
import { hearersOf } from '../sender/sender-readers.ts';
import { type NewStep, saveGrantors, saveNewSteps, saveOpenability } from '../store/begin.ts';
import { listHeard } from '../store/heard.ts';
import { listItems, refreshNextActions, type WatchItem } from '../store/item.ts';
import {
  claimLetLie,
  claimOpenAt,
  claimOutdatedAccess,
  claimOutdatedPolicy,
  listNeeds,
  listPolicyVersions,
  type NeedRow,
  type PolicyVersion,
  savePolicyVersions,
} from '../store/openability.ts';
import { listSteps } from '../store/step.ts';
import { type StepSpec, type WatchKey, watchKey } from '../types.ts';
import { watchEvents } from '../watch-events.ts';
import { isSealed, type StoredOpenability, toStored } from './openability.ts';

const batch = 200;

/** Why access is asked anew, as evidence says it. `unknown`: found by its version, and nobody told who has changed it. */
export interface Reason {
  readonly by: Actor;
  readonly cause: AccessChange['cause'] | 'policy-changed' | 'unknown';
}

const unknown: Reason = { by: budstikkeItself, cause: 'unknown' };
const policyChanged: Reason = { by: budstikkeItself, cause: 'policy-changed' };

/**
 * Access at these parties has changed, in this transaction: what their open watches know of who can open is computed anew.
 * A speed-up, bounded to 200 watches, and what others hold, or cannot be computed, is passed over: `sweepVersions` finds the rest within a
 * minute, and no broken watch hinders a change of access.
 */
export async function reevaluate(tx: Tx, parties: readonly PartyId[], change?: AccessChange): Promise<void> {
  if (parties.length === 0) return;
  const [claimed, letLie] = await Promise.all([claimOpenAt(tx, parties, batch, { whole: true }), claimLetLie(tx, { parties }, batch)]);
  const all = [...claimed, ...letLie];
  if (all.length === 0) return;
  await recompute(tx, all, all[0]!.at, change ?? unknown);
  keepCauses(tx, claimed);
}

/**
 * A policy has changed, in this transaction: what open watches that need it know is computed anew. Bounded as `reevaluate`
 * is, and for the same reason.
 */
export async function reevaluatePolicies(tx: Tx): Promise<void> {
  const claimed = await claimOutdatedPolicy(tx, batch, { whole: true });
  if (claimed.length === 0) return;
  await recompute(tx, claimed, claimed[0]!.at, policyChanged);
  keepCauses(tx, claimed);
}

/**
 * The guarantee: finds open watches whose stored openability is older than the access at their party or than a policy they
 * need, computes them anew, and says how many. Any number of workers may run it. One that cannot be computed holds up no other.
 */
export async function sweepVersions(ctx: Context): Promise<number> {
  for (let done = 0; ; ) {
    const found = await workOrLeaveOut(ctx, async (tx, among, claim) => {
      const access = await claimOutdatedAccess(tx, batch, among);
      const claimed = access.length > 0 ? access : await claimOutdatedPolicy(tx, batch, among);
      const letLie = claimed.length > 0 ? [] : await claimLetLie(tx, { among }, batch);
      const all = [...claimed, ...letLie];
      claim(all);
      if (all.length === 0) return 0;
      await recompute(tx, all, all[0]!.at, access.length > 0 ? 'last change' : policyChanged);
      keepCauses(tx, claimed);
      return all.length;
    });
    if (found.tried.length === 0) return done;
    done += found.done;
  }
}

/**
 * Computes the openability of watches that the caller has locked, stores it, and acts when the first opener came or the
 * last one went: evidence, an event to the sender, and a notice due at once. Gives back what it found.
 *
 * What its sender lets lie while nobody can open it is computed too, for those who could let somebody in.
 *
 * What was opened while a part of it was locked ends where the lock goes and nothing is missing any more.
 *
 * Versions are read before the rights they stand for: whatever changes in between makes the stored version too old, never
 * too new, so that the sweep comes back to it. `last change`: found by its version; who made that is asked of access.
 */
export async function recompute(
  tx: Tx,
  keys: readonly WatchKey[],
  at: Date,
  reason: Reason | 'last change' = unknown,
): Promise<Map<string, Openability>> {
  const [items, needs] = await Promise.all([listItems(tx, keys), listNeeds(tx, keys)]);
  const [last, policies, found] = await Promise.all([
    reason === 'last change' ? lastAccessChanges(tx, [...new Set(items.map(({ party }) => party))]) : undefined,
    listPolicyVersions(tx, [...new Set(needs.map((need) => need.resource))]), // sent before the rights that they stand for
    whoCanOpen(
      tx,
      items.map((item) => thingOf(item, needs)),
    ),
  ]);
  const reasonOf = ({ party }: WatchItem): Reason => (reason === 'last change' ? (last?.get(party) ?? unknown) : reason);

  const older = outdated(needs, policies);
  const changes = items.map((item, i) => {
    const now = toStored(found[i]!);
    const isOutdated = differs(item, now) || older.has(watchKey(item));
    return { item, openability: found[i]!, now, change: changeOf(item, now), isOutdated };
  });
  // What stands already is not written again: of steps that fall due nearly all.
  const others = changes.filter(({ isOutdated }) => isOutdated);
  saveOpenability(
    tx,
    others.map(({ item, now, change }) => {
      const tellsNoOpener = item.publishedAt !== null && saysNoOpener(change);
      return { about: item.about, party: item.party, at, ...now, tellsNoOpener };
    }),
  );
  if (others.length > 0)
    saveGrantors(
      tx,
      others.flatMap(({ item, openability }) => grantorsOf({ ...item, openability })),
      others.map(({ item }) => item),
    );
  if (older.size > 0) savePolicyVersions(tx, items, policies);

  // Of what is let lie it is kept who could open it and who could let somebody in, and nobody hears of it.
  const published = changes.filter(({ item }) => item.publishedAt && !item.settledAt);
  recordEvidence(
    tx,
    published.flatMap(({ item, now, change }) => evidenceOf(item, now, change, { at, ...reasonOf(item) })),
  );
  const changed = published.filter(({ change }) => change !== 'none');
  const senders = await findParties(tx, [...new Set(changed.flatMap(({ item }) => hearersOf(item)))]);
  publishEvents(
    tx,
    changed.flatMap(({ item, now, change }) => eventsOf(item, now, change, senders, at)),
  );
  await tellWhomItConcerns(tx, published, at);
  noteUse(
    tx,
    published.flatMap(({ item, change }) =>
      letInBy(change, reasonOf(item)).map((by) => ({ about: item.about, party: item.party, by, at, isFile: item.isFile })),
    ),
  );
  settleWatch(
    tx,
    published
      .filter(({ item, now }) => item.attachmentLocked && isWhole({ ...item, ...now }, needs))
      .map(({ item: { about, party, confirmedAt, isFile } }) => ({
        about,
        party,
        at,
        isFile,
        outcome: confirmedAt ? 'confirmed' : 'opened',
      })),
  );
  return new Map(changes.map(({ item, openability }) => [watchKey(item), openability]));
}

/** Watches of which a need has another policy now than when they were computed, by `watchKey`. */
function outdated(needs: readonly NeedRow[], policies: readonly PolicyVersion[]): Set<string> {
  const current = new Map(policies.map(({ resource, policyVersion }) => [resource, policyVersion]));
  return new Set(needs.filter(({ resource, policyVersion }) => current.get(resource) !== policyVersion).map(watchKey));
}

/** Pure. Whether a watch knows something else than what is so. Who can give access changes by no other way than its version. */
function differs(item: WatchItem, now: StoredOpenability): boolean {
  return (
    item.class !== now.class ||
    item.openers !== now.openers ||
    item.grantors !== now.grantors ||
    item.attachmentLocked !== now.attachmentLocked ||
    item.accessVersion !== now.accessVersion
  );
}

export function thingOf(item: WatchKey & { readonly party: PartyId }, needs: readonly NeedRow[]): Thing {
  return {
    party: item.party,
    needs: needs
      .filter((need) => need.about === item.about && need.party === item.party)
      .map(({ resource, action, instance }) => ({ resource, action, instance, what: instance === item.about ? 'message' : 'attachment' })),
  };
}

export type Change = 'none' | 'lost' | 'regained' | 'ungrantable' | 'grantable' | 'locked' | 'unlocked';

/** Pure. What matters in the way from one openability to another; who exactly can open matters to who was told alone (`listUntold`). */
export function changeOf(before: Pick<StoredOpenability, 'openers' | 'class' | 'attachmentLocked'>, after: StoredOpenability): Change {
  if (before.openers > 0 && after.openers === 0) return 'lost';
  if (before.openers === 0 && after.openers > 0) return 'regained';
  if (before.class === 'GRANTABLE' && after.class === 'UNREACHABLE') return 'ungrantable';
  if (before.class === 'UNREACHABLE' && after.class === 'GRANTABLE') return 'grantable';
  if (before.attachmentLocked === after.attachmentLocked) return 'none';
  return after.attachmentLocked ? 'locked' : 'unlocked';
}

/** Source: compatibility.md, evidence, §1.5 row 26. */
function evidenceOf(
  item: WatchItem,
  now: StoredOpenability,
  change: Change,
  { at, by, cause }: Reason & { readonly at: Date },
): EvidenceRow[] {
  const core = { classBefore: item.class, classAfter: now.class, openers: now.openers, grantors: now.grantors, cause };
  const common = { about: item.about, recipient: item.party, at, who: by };
  if (change === 'regained') return [{ ...common, event: 'AccessRegained', proves: 'available', core }];
  if (change !== 'lost') return [];
  const reason = reasonUri(now.class === 'GRANTABLE' ? 'grant-needed' : 'no-opener');
  return [{ ...common, event: 'AccessLost', proves: 'deposited', core: { ...core, reason } }];
}

function eventsOf(item: WatchItem, now: StoredOpenability, change: Change, senders: ReadonlyMap<PartyId, Party>, at: Date) {
  const data = { class: now.class, openers: now.openers, grantors: now.grantors };
  if (change === 'regained') return watchEvents('opener-found', item, senders, at, data);
  return saysNoOpener(change) ? watchEvents('no-opener', item, senders, at, data) : [];
}

const saysNoOpener = (change: Change) => change === 'lost' || change === 'ungrantable' || change === 'grantable';

/** Pure. The person who has let somebody in: whoever does so after having been told of the post is still at the address that told them. */
function letInBy(change: Change, { by: { actor }, cause }: Reason): PartyId[] {
  const letsIn = cause === 'granted' && (change === 'regained' || change === 'unlocked');
  return letsIn && actor.kind === 'person' && actor.party ? [actor.party as PartyId] : [];
}

interface ChangedWatch {
  readonly item: WatchItem;
  readonly openability: Openability;
  readonly now: Pick<StoredOpenability, 'attachmentLocked' | 'grantors'>;
  readonly change: Change;
  /** Rights have changed since it was computed, whatever they came to. */
  readonly isOutdated: boolean;
}

/**
 * Those who now can open, or who could let somebody in, are told at once, unless a step that will tell them is due anyway; both,
 * where somebody can open what nobody could and an attachment is still locked. So are those who can open, or could let somebody in, in the
 * place of all who were told and no longer can; and the sender, where nobody can any more. What was still to be sent and is no longer true,
 * or would go to whom it no longer concerns, is called off.
 */
async function tellWhomItConcerns(tx: Tx, changes: readonly ChangedWatch[], at: Date): Promise<void> {
  const untold = await listUntold(tx, changes);
  const rightful = changes.flatMap((watch) => rightfulIn(watch, untold));
  cancelNoticesToOthers(tx, rightful);
  resumeNotices(tx, rightful);
  const changed = changes.filter(({ change }) => change !== 'none');
  if (changed.length + untold.openers.length + untold.grantors.length === 0) return;
  const openable = changed.filter(({ change }) => change === 'regained' || change === 'unlocked');
  const closed = changed.filter(({ change }) => change === 'lost' || change === 'ungrantable');
  const sealed = changed.filter(({ change, now }) => tellsGrantors(change) || (change === 'regained' && now.attachmentLocked));
  cancelNotices(
    tx,
    openable.map(({ item }) => item),
    toGrantors,
  );
  cancelNotices(
    tx,
    changed.filter(({ change }) => change === 'lost').map(({ item }) => item),
    toOpeners,
  );

  const due = (
    await listSteps(
      tx,
      [...changed, ...untold.openers, ...untold.grantors].map(({ item }) => item),
    )
  ).filter((step) => step.state === 'due' && step.dueAt <= at);
  const isDue = (item: WatchItem, who: StepSpec['who']) =>
    due.some((step) => step.about === item.about && step.party === item.party && step.spec.who === who);
  const isOtherwiseDue = ({ item, openability }: ChangedWatch) =>
    openability.openers.length === 0 && due.some((step) => watchKey(step) === watchKey(item) && step.spec.otherwise === 'grantors');
  const steps = [
    ...[...openable, ...untold.openers].filter(({ item }) => !isDue(item, 'openers')).map((watch) => newOpenerStep(watch, at)),
    ...sealed.filter(({ item }) => !isDue(item, 'grantors')).map(({ item }) => grantorsStep(item, at)),
    ...untold.grantors
      .filter((watch) => !isDue(watch.item, 'grantors') && !isOtherwiseDue(watch))
      .map(({ item }) => grantorsStep(item, at)),
    ...closed.filter(({ item }) => !isDue(item, 'openers')).map(({ item }) => senderStep(item, at)),
  ];
  saveNewSteps(tx, steps, at);
  refreshNextActions(
    tx,
    steps.map((step) => ({ about: step.about, party: step.party })),
  );
}

/**
 * Pure. Whoever may not open any more, or let somebody in, is not told in the morning of what came at night; and is told all the same where
 * access is given back before, unless a step tells them anew.
 */
function rightfulIn(watch: ChangedWatch, untold: Untold) {
  const { item, openability, change, isOutdated } = watch;
  if (!isOutdated) return [];
  const { about, party } = item;
  const idsOf = (people: readonly { readonly party: PartyId }[]) => people.map((one) => one.party);
  const isFetched = item.isFile && item.openedAt !== null;
  const stays = change === 'none' && !item.isOver;
  return [
    { about, party, purposes: toOpeners, people: idsOf(openability.openers), goes: stays && !isFetched && !untold.openers.includes(watch) },
    { about, party, purposes: toGrantors, people: idsOf(openability.grantors), goes: stays && !untold.grantors.includes(watch) },
  ];
}

interface Untold {
  readonly openers: readonly ChangedWatch[];
  readonly grantors: readonly ChangedWatch[];
}

/**
 * Where it matters to nobody else who can open: of those who were told nobody can open, or let somebody in, and whoever came in their place
 * has heard of nothing; nor has a person beside systems, which nobody tells. What could reach nobody is tried again when somebody has an
 * address (`sweepCauses`). Whom the sender has named in the place of those who can open it has heard, and nobody comes in theirs.
 */
async function listUntold(tx: Tx, changes: readonly ChangedWatch[]): Promise<Untold> {
  const same = changes.filter(({ item, change }) => change === 'none' && item.unreachedAt === null);
  const open = same.filter(({ item, openability }) => !item.openedAt && openability.openers.some(isPerson));
  const sealed = same.filter(({ openability, now }) => isSealed(openability) && now.grantors > 0 && openability.grantors.some(isPerson));
  if (open.length + sealed.length === 0) return { openers: [], grantors: [] };
  const keys = [...new Set([...open, ...sealed].map(({ item }) => item))];
  const heard = new Map((await listHeard(tx, keys)).map((row) => [watchKey(row), row]));
  const openers = open.filter(({ item, openability }) => {
    const { openers: told, reason } = heard.get(watchKey(item)) ?? nobodyHeard;
    return told ? !someStand(item, told, openability.openers) : reason === 'systems-only';
  });
  const grantors = sealed.filter(({ item, openability }) => {
    const told = heard.get(watchKey(item))?.grantors;
    return told && !someStand(item, told, openability.grantors);
  });
  return { openers: await withoutNamed(tx, openers), grantors };
}

const nobodyHeard = { openers: null, reason: null };
const isPerson = ({ kind }: { readonly kind: string }): boolean => kind === 'person';

/** Pure. Somebody who was told can see to it still; an organization's own addresses always. */
function someStand({ party }: WatchItem, told: readonly PartyId[], now: Openability['openers'] | Openability['grantors']): boolean {
  return told.some((id) => id === party || now.some((one) => one.party === id));
}

async function withoutNamed(tx: Tx, watches: readonly ChangedWatch[]): Promise<readonly ChangedWatch[]> {
  const orders = await findOrders(
    tx,
    watches.flatMap(({ item }) => orderedNotice(item)?.orderId ?? []),
  );
  return watches.filter(({ item }) => !orders.get(orderedNotice(item)?.orderId ?? '')?.override);
}

const orderedNotice = ({ senderSteps }: WatchItem) => senderSteps.find((step) => step.name === 'notify');

export const tellsGrantors = (change: Change): boolean => change === 'lost' || change === 'grantable' || change === 'locked';

function newOpenerStep({ item, change }: ChangedWatch, at: Date): NewStep {
  const spec = change === 'unlocked' ? notifyUnlocked : notifyNewOpener;
  const common = { about: item.about, party: item.party, dueAt: at, rank: null };
  const ordered = orderedNotice(item);
  if (!ordered) return { ...common, spec, source: 'policy', orderId: null };
  return { ...common, spec: { ...spec, channel: ordered.channel }, source: 'sender', orderId: ordered.orderId };
}

function senderStep(item: WatchItem, at: Date): NewStep {
  return { about: item.about, party: item.party, dueAt: at, spec: tellNoOpener, source: 'policy', orderId: null, rank: null };
}

export function grantorsStep(item: WatchItem, at: Date): NewStep {
  return { about: item.about, party: item.party, dueAt: at, spec: notifyGrantors, source: 'policy', orderId: null, rank: null };
}
