import { recordOpening } from '#access/index.ts';
import { type Answer, answered, busy, isFirst } from '#db/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, type EvidenceRow, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { lockUnlessHeld, type Noting, type Opening as WatchOpening, watchKey } from '#watch/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { correspondenceEvent } from '../events.ts';
import { whatOf } from '../send/content-hash.ts';
import { contentHashOf } from '../send/content-of.ts';
import { ownLetter } from '../send/mass/own-words.ts';
import { publishThoseDue } from '../send/publish-due.ts';
import { availableForRecipient, type MessageStatus, movedMessage } from '../states.ts';
import { listLetters, type StoredLetter } from '../store/letter.ts';
import { lockMessages, type Message, saveMoves } from '../store/message.ts';
import { listFetchedSince, saveStatuses } from '../store/status.ts';
import { decideOpening, decideView } from './decide.ts';
import { factsOf } from './message-facts.ts';
import { type Act, fetchedAgainMillis, lookOf } from './record-fetched.ts';
import { actingParty, rightsToEach, type Standing } from './standing.ts';

/** Somebody who wants what a letter says. */
export interface Opening {
  readonly ctx: Pick<Context, 'now'>;
  readonly caller: Caller;
  readonly id: CorrespondenceId;
  /** Whether it is shown to its sender before it is published. */
  readonly toSender: boolean;
  readonly evidenceId: string;
  /** Whether it counts as opened when its answer is taken (`recordEnd`), as for who reads by a connection; else when this is committed. */
  readonly goesOut: boolean;
}

/** What the reader is shown: the letter, and the name that it greets. */
export interface Opened extends Pick<Opening, 'evidenceId'> {
  readonly letter: StoredLetter;
  readonly name: string | null;
  /** What counts when it is taken. */
  readonly onItsWay?: OnItsWay;
}

/** A letter that is given to a reader, whose connection will tell whether it is taken. */
export interface OnItsWay extends Act {
  /** Of the content. */
  readonly hash: string;
}

/** What is done for a reader, decided. */
interface Decided {
  readonly opening: Opening;
  readonly message: Message;
  /** Absent where its sender looks at what is not published. */
  readonly act?: Act & {
    readonly isHanded: boolean;
    /** A system's hand-over opens nothing where the service demands a person. */
    readonly opens: boolean;
    readonly leavesTrace: boolean;
  };
}

/** Opens letters for those who may, each for itself. Of the others' letters it `waits` for one alone. */
export async function openLetters(
  tx: Tx,
  asked: readonly Opening[],
  { waits, noting }: { readonly waits: boolean; readonly noting: Noting },
): Promise<(Answer<Opened> | typeof busy)[]> {
  tx.keepPlans();
  const { messages: locked, isHeld } = await lockMessages(
    tx,
    asked.map(({ id }) => id),
    { waits },
  );
  const ours = asked.filter(({ id }, i) => !isHeld(id) && isFirst(asked, i));
  const standings = await standingsOf(tx, ours, locked);
  const at = asked[0]!.ctx.now();
  const permitted = ours.filter((opening) => standings.get(opening)?.asRecipient.permit).map(({ id }) => locked.get(id)!);
  const messages = new Map([...locked, ...(await publishThoseDue(tx, permitted, at))]);

  const decided = new Map(
    ours.map((opening) => [opening, answered(() => decide(opening, messages.get(opening.id), { standing: standings.get(opening), at }))]),
  );
  const all = [...decided.values()].flatMap((answer) => ('value' in answer ? [answer.value] : []));
  const held = await watchesHeld(tx, all, waits);
  const given = all.filter(({ opening: { id } }) => !held.has(id));
  const [shown, onTheirWay] = await Promise.all([show(tx, given), record(tx, given, noting)]);
  return asked.map((opening) => {
    const answer = decided.get(opening);
    if (!answer || ('value' in answer && held.has(opening.id))) return busy;
    return 'value' in answer ? { value: { ...shown.get(opening)!, ...onTheirWay.get(opening) } } : answer;
  });
}

/** Letters that are to be opened and whose watches others work on. */
async function watchesHeld(tx: Tx, decided: readonly Decided[], waits: boolean): Promise<Set<CorrespondenceId>> {
  const opening = decided.filter(({ opening, act }) => act?.isHanded && !opening.goesOut);
  const keyOf = ({ message }: Decided) => ({ about: message.id, party: message.recipientId });
  const held = waits ? new Set<string>() : await lockUnlessHeld(tx, opening.map(keyOf));
  return new Set(opening.filter((each) => held.has(watchKey(keyOf(each)))).map(({ message }) => message.id));
}

async function standingsOf(
  tx: Tx,
  openings: readonly Opening[],
  messages: ReadonlyMap<CorrespondenceId, Message>,
): Promise<Map<Opening, Standing>> {
  const known = openings.filter(({ id }) => messages.has(id));
  const standings = await rightsToEach(
    tx,
    known.map(({ caller, id }) => ({ caller, message: messages.get(id)! })),
  );
  return new Map(known.map((opening, i) => [opening, standings[i]!]));
}

/** Pure. Refuses correspondenceNotFound, noAccess. */
function decide(
  opening: Opening,
  message: Message | undefined,
  { standing, at }: { readonly standing: Standing | undefined; readonly at: Date },
): Decided {
  const { caller, id, toSender } = opening;
  if (!message || !standing) throw refuse(e.correspondenceNotFound, { id });
  const { asRecipient, asSender } = standing;
  if (!asRecipient.permit) {
    if (toSender && asSender.permit && decideView(factsOf(message), standing, false).showsContent) return { opening, message };
    throw refuse(e.noAccess, { id });
  }
  const { leavesTrace } = decideOpening(factsOf(message), standing);
  const isHanded = asRecipient.by === 'right' && availableForRecipient.has(message.state);
  const opens = isHanded && !awaitsPerson({ right: asRecipient, caller });
  return { opening, message, act: { message, caller, right: asRecipient, at, isHanded, opens, leavesTrace } };
}

/** Nobody is told by an operation of ours what a person is called before the letter has come to it. */
async function show(tx: Tx, given: readonly Decided[]): Promise<Map<Opening, Opened>> {
  const toSenders = given.filter(({ act }) => !act).map(({ message }) => message.recipientId);
  const [letters, recipients] = await Promise.all([
    listLetters(tx, [...new Set(given.map(({ message }) => message.submissionId))]),
    findParties(tx, toSenders),
  ]);
  const nameOf = ({ act, message: { recipientId, personalName } }: Decided): string | null =>
    !act && recipients.get(recipientId)?.kind === 'person' ? null : personalName;
  return new Map(
    given.map((each): [Opening, Opened] => {
      const { opening, message } = each;
      const letter = ownLetter(letters.get(message.submissionId)!, message.own);
      return [opening, { letter, name: nameOf(each), evidenceId: opening.evidenceId }];
    }),
  );
}

/** Says of those that are to be taken first what then counts. */
async function record(tx: Tx, given: readonly Decided[], noting: Noting): Promise<Map<Opening, Pick<Opened, 'onItsWay'>>> {
  const acts = given.flatMap(({ opening, act }) => (act ? [{ ...act, opening }] : []));
  if (acts.length === 0) return new Map();
  const hashes = await contentHashOf(
    tx,
    acts.flatMap(({ isHanded, message }) => (isHanded ? [message] : [])),
  );
  const goingOut = acts.filter(({ isHanded, opening: { goesOut } }) => isHanded && goesOut);
  const handed = acts.filter(({ isHanded, opening: { goesOut } }) => isHanded && !goesOut);
  const evidenceOf = (act: (typeof acts)[number]): EvidenceRow => {
    if (!act.isHanded) return senderViewed(act);
    return act.opening.goesOut ? askedFor(act) : accessTo(act, hashes.get(act.message.id)!);
  };
  recordEvidence(
    tx,
    acts.map((act) => ({ ...evidenceOf(act), id: act.opening.evidenceId })),
  );
  recordOpening(
    tx,
    handed.flatMap(({ opens, message: { recipientId: party, resourceId: resource }, at }) => (opens ? [{ party, resource, at }] : [])),
  );
  await Promise.all([noting.opened(tx, handed.map(openingOf)), leaveTraces(tx, acts)]);
  return new Map(
    goingOut.map(({ opening, message, caller, right, at }) => [
      opening,
      { onItsWay: { message, caller, right, at, hash: hashes.get(message.id)! } },
    ]),
  );
}

/** As its watch hears of it. */
export function openingOf({ message: { id, recipientId }, caller, right, at }: Act): WatchOpening {
  const kind = caller.kind === 'person' ? 'person' : 'system';
  return { about: id, party: recipientId, at, by: actingParty(caller), kind, awaitsPerson: awaitsPerson({ right, caller }) };
}

/** Pure. A system has what it asked for, and it waits for a person all the same: the service demands one. */
export const awaitsPerson = ({ right, caller }: Pick<Act, 'right' | 'caller'>): boolean =>
  right.demandsPerson === true && caller.kind !== 'person';

/** Somebody with a right was handed the content, whose hash this is. */
export function accessTo(act: Act, hash: string): EvidenceRow {
  const { message, caller, right, at } = act;
  const common = { about: message.id, recipient: message.recipientId, at, who: actorOf(caller, right.path), what: whatOf(hash, []) };
  return awaitsPerson(act)
    ? { ...common, event: 'ContentHandover', proves: 'handed-over', core: { awaits: 'person' } }
    : { ...common, event: 'ContentAccessTracking', proves: 'opened' };
}

const senderViewed = (act: Act): EvidenceRow => ({ ...lookOf(act), event: 'SenderViewed' });
const askedFor = (act: Act): EvidenceRow => ({ ...lookOf(act), event: 'ContentAsked' });

/** Fetched, and Read the first time: what clients see of it; with the opening, where it was one. */
async function leaveTraces(tx: Tx, acts: readonly (NonNullable<Decided['act']> & Pick<Decided, 'opening'>)[]): Promise<void> {
  const traces = acts.filter(({ leavesTrace }) => leavesTrace);
  const first = traces.filter(({ message }) => message.readAt === null);
  // Read by a system before, and by a person now: whoever hears that it is read hears of that.
  const firstByPerson = acts.filter(
    ({ opens, message }) => opens && message.awaitsPerson && message.openedAt === null && message.readAt !== null,
  );
  const read = [...first, ...firstByPerson];
  const [fetched, owners] = await Promise.all([
    listFetchedSince(
      tx,
      traces.map(({ message, caller, at }) => ({
        messageId: message.id,
        party: actingParty(caller),
        since: new Date(at.getTime() - fetchedAgainMillis),
      })),
    ),
    findParties(tx, [...new Set(read.map(({ message }) => message.ownerId))]),
  ]);
  saveStatuses(
    tx,
    traces.flatMap((act) => {
      const { message, caller, at } = act;
      const statuses: MessageStatus[] = [
        ...(fetched.has(message.id) ? [] : (['Fetched'] as const)),
        ...(first.includes(act) ? (['Read'] as const) : []),
      ];
      return statuses.map((status) => ({ messageId: message.id, status, text: status, at, party: actingParty(caller) }));
    }),
  );
  saveMoves(
    tx,
    acts.flatMap((act) => {
      const { message, at, opens, isHanded, leavesTrace } = act;
      const opening = opens ? ({ openedAt: at, answer: act.opening.goesOut ? 'out' : 'taken' } as const) : {};
      const waits = isHanded && !opens ? { awaitsPerson: true } : {};
      if (!leavesTrace) return isHanded ? [{ id: message.id, state: message.state, ...opening, ...waits }] : [];
      const state = movedMessage(message.state, first.includes(act) ? 'read' : 'fetch');
      return [{ id: message.id, state, fetchedAt: at, readAt: at, ...opening, ...waits }];
    }),
  );
  publishEvents(
    tx,
    read.map(({ message, at }) => correspondenceEvent('correspondencereceiverread', message, owners.get(message.ownerId)!, at)),
  );
}
