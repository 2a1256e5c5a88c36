import { createHash, randomBytes } from 'node:crypto';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { isOneMailbox } from '#notifications/index.ts';
import { findParties, findParty, type Party, partiesByNumber } from '#register/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { dayInOslo, nextTime } from '../oslo.ts';
import { ownSender } from '../own-post.ts';
import { saveMails } from '../store/mail.ts';
import {
  type Address,
  confirmAddressOf,
  findLanguageOfLink,
  findRoutine,
  listAddresses,
  listExtracts,
  replaceAddresses,
  type ShownExtract,
  saveRoutine,
  takeAskings,
} from '../store/routine.ts';
import { routineTexts } from './texts.ts';
import { emailsOf } from './who-gets-it.ts';
import type { RoutineRequest, RoutineView } from './wire.ts';

const shownExtracts = 50;
const mostAskedInADay = 5;

/**
 * A sender sets when it is told by mail what of its post lies unread. An address that the register knows as the sender's is written to at
 * once, and as long as it is that; any other gets one mail, whose link leads to a page that confirms it, and nothing more until then. Setting the same again asks
 * nobody again while the link is good, unless its mail was given up or has come back. Nobody is asked twice on a day, and no sender asks more than five: the rest when it is set again later.
 *
 * Refuses sendersOnly, addressNotValid, narrowedToNobody.
 */
export async function setRoutine(ctx: UnreadContext, caller: Caller, request: RoutineRequest): Promise<RoutineView> {
  const sender = senderOf(caller);
  const emails = [...new Set(request.addresses.map((address) => address.trim().toLowerCase()))];
  if (!emails.every(isOneMailbox)) throw refuse(e.addressNotValid);
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const party = (await findParty(tx, sender))!;
    if (!party.alive) throw refuse(e.sendersOnly);
    const recipients = await recipientsOf(tx, request.recipients ?? []);
    const own = new Set(await emailsOf(tx, sender));
    const settled = new Set((await listAddresses(tx, sender)).filter((one) => isSettled(one, at)).map(({ email }) => email));
    const unasked = emails.filter((email) => !own.has(email) && !settled.has(email));
    const asked = (await takeAskings(tx, sender, unasked, { day: dayInOslo(at), most: mostAskedInADay })).map((email) => ({
      email,
      id: newId(),
      token: randomBytes(32).toString('base64url'),
    }));
    const askedOf = new Map(asked.map(({ email, id, token }) => [email, { tokenSha256: digestOf(token), by: id }]));
    saveRoutine(tx, { sender, ...settingsOf(request), recipients, nextAt: nextTime(at, request.days, request.hour) }, at);
    replaceAddresses(
      tx,
      sender,
      emails.map((email) => ({ email, asked: askedOf.get(email) ?? null })),
      at,
    );
    saveMails(
      tx,
      asked.map(({ email, id, token }) => ({
        id,
        address: email,
        subject: routineTexts[party.language].askSubject(oneLine(party.name)),
        body: routineTexts[party.language].ask(oneLine(party.name), `${ctx.publicUrl}/budstikke/v1/unread/routine/addresses/${token}`),
        file: null,
        at,
      })),
    );
    return (await viewOf(tx, sender))!;
  });
}

/** The routine of a sender, with its latest extracts. Refuses sendersOnly, routineNotSet. */
export async function showRoutine(ctx: Context, caller: Caller): Promise<RoutineView> {
  const view = await viewOf(ctx.db, senderOf(caller));
  if (!view) throw refuse(e.routineNotSet);
  return view;
}

/** Whoever follows the link of the mail is asked, in its language that sent it; nothing changes by it. Refuses linkNotValid. */
export async function askForAddress(ctx: Context, token: string): Promise<Party['language']> {
  const language = await findLanguageOfLink(ctx.db, digestOf(token), ctx.now());
  if (!language) throw refuse(e.linkNotValid);
  return language;
}

/** Whoever has the mail says that the address is right. Again changes nothing. Refuses linkNotValid. */
export async function confirmAddress(ctx: Context, token: string): Promise<Party['language']> {
  const language = await askForAddress(ctx, token);
  const isConfirmed = await ctx.db.transaction((tx) => confirmAddressOf(tx, digestOf(token), ctx.now()));
  if (!isConfirmed) throw refuse(e.linkNotValid);
  return language;
}

/** A number that is typed wrong would leave the extract empty for good, and nobody would see why. Refuses narrowedToNobody. */
async function recipientsOf(reader: Reader, numbers: readonly string[]): Promise<PartyId[]> {
  const known = await partiesByNumber(reader, numbers);
  const unknown = numbers.findIndex((number) => !known.has(number));
  if (unknown >= 0) throw refuse(e.narrowedToNobody, { place: unknown + 1 });
  return [...new Set(numbers.map((number) => known.get(number)!.id))];
}

function settingsOf(request: RoutineRequest) {
  return {
    days: [...new Set(request.days)].sort(),
    hour: request.hour,
    causes: request.causes ?? [],
    resources: request.resources ?? [],
    olderThanDays: request.olderThan ? Number(/\d+/.exec(request.olderThan)![0]) : null,
    sendAs: request.sendAs ?? 'link',
    sendEmpty: request.sendEmpty ?? false,
    isOn: request.isOn ?? true,
  } as const;
}

async function viewOf(reader: Reader, sender: PartyId): Promise<RoutineView | undefined> {
  const routine = await findRoutine(reader, sender);
  if (!routine) return undefined;
  const { sender: _sender, olderThanDays, nextAt, ...settings } = routine;
  const [addresses, extracts] = [await listAddresses(reader, sender), await listExtracts(reader, sender, shownExtracts)];
  const parties = await findParties(reader, routine.recipients);
  const own = new Set(await emailsOf(reader, sender));
  const isGood = ({ email, confirmedAt }: Address) => confirmedAt !== null || own.has(email);
  return {
    ...settings,
    days: [...settings.days],
    causes: [...settings.causes],
    resources: [...settings.resources],
    recipients: settings.recipients.flatMap((id) => parties.get(id)?.number ?? []),
    olderThan: olderThanDays === null ? null : `P${olderThanDays}D`,
    nextAt: nextAt.toISOString(),
    addresses: addresses.map((one) => ({
      email: one.email,
      confirmed: isGood(one),
      linkUntil: isGood(one) ? null : (one.linkUntil?.toISOString() ?? null),
    })),
    extracts: extracts.map(({ id: _id, dueAt, madeAt, ...row }) => ({
      ...row,
      sentAs: becameOf(row),
      dueAt: dueAt.toISOString(),
      madeAt: madeAt.toISOString(),
    })),
  };
}

function senderOf(caller: Caller): PartyId {
  const sender = ownSender(caller);
  if (!sender) throw refuse(e.sendersOnly);
  return sender;
}

/** Pure. It is confirmed, or whoever has it can still confirm it. */
const isSettled = ({ confirmedAt, linkUntil }: Address, at: Date): boolean =>
  confirmedAt !== null || (linkUntil !== null && linkUntil > at);

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const oneLine = (name: string): string => name.replaceAll(/\s+/g, ' ').trim();

/** Pure. What was recorded when it was made, and what has become of its mails since. */
function becameOf({
  sentAs,
  items,
  addresses,
  failed,
}: Pick<ShownExtract, 'sentAs' | 'items' | 'addresses' | 'failed'>): RoutineView['extracts'][number]['sentAs'] {
  if (failed > 0 && failed >= addresses) return 'failed';
  return sentAs === 'nothing' && items > 0 ? 'nobody' : sentAs;
}
