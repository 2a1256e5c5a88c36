import { createHash, randomBytes } from 'node:crypto';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { composeNotices, isOneMailbox, planNotices } from '#notifications/index.ts';
import { findParty, type Party } from '#register/index.ts';
import type { WatchContext } from '../climb/take-due-steps.ts';
import {
  confirmSecondAddress,
  countAsked,
  findAsking,
  findSecondContact,
  listOwnAddresses,
  listSecondAddresses,
  type SecondContact,
  saveSecondAddresses,
  saveSecondContact,
} from '../store/second-contact.ts';
import { ladderErrors as e } from './errors.ts';
import { livingOwnerOf, ownerOf } from './owner-of.ts';

export interface ContactContext extends WatchContext {
  readonly publicUrl: string;
}

const none: SecondContact = { email: null, sms: null };
/** Whom a sender can have Budstikke ask within a day. */
const mostAsked = 10;
const weekMillis = 7 * 24 * 3_600_000;

/** Who besides the sender's own addresses hears of its unread post, and whether it has said that it will. Refuses notOrganization. */
export function showSecondContact(ctx: Context, caller: Caller) {
  return viewOf(ctx.db, ownerOf(caller, 'see'));
}

/**
 * Both null: nobody any more. An address of the sender's own in the register counts at once, and as long as it is that; any other is asked by one notice whose link
 * leads to a page that confirms it, and hears nothing more until then. Who has not answered within a week is asked again when it is named
 * again. One writer for a sender at a time.
 *
 * Refuses notOrganization, addressInvalid, tooManyAsked.
 */
export async function putSecondContact(ctx: ContactContext, caller: Caller, wish: SecondContact) {
  const sender = await livingOwnerOf(ctx.db, caller);
  const contact = { email: wish.email?.trim().toLowerCase() ?? null, sms: wish.sms };
  if (contact.email !== null && !isOneMailbox(contact.email)) throw refuse(e.addressInvalid, { field: 'email' });
  if (contact.sms !== null && !/^\+[1-9]\d{6,14}$/.test(contact.sms)) throw refuse(e.addressInvalid, { field: 'sms' });
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    await saveSecondContact(tx, sender, contact, at);
    await ask(ctx, tx, { sender, contact, at });
    return viewOf(tx, sender);
  });
}

/** Whoever follows the link is asked, in the language of the sender; nothing changes by it. Refuses linkInvalid. */
export async function askSecondContact(ctx: Context, token: string): Promise<Party['language']> {
  const asking = await findAsking(ctx.db, digestOf(token), aWeekBefore(ctx.now()));
  if (!asking) throw refuse(e.linkInvalid);
  return (await findParty(ctx.db, asking.sender))?.language ?? 'nb';
}

/** Whoever has the notice says that it will hear. Again changes nothing. Refuses linkInvalid. */
export async function confirmSecondContact(ctx: Context, token: string): Promise<Party['language']> {
  const language = await askSecondContact(ctx, token);
  const at = ctx.now();
  const isConfirmed = await ctx.db.transaction((tx) => confirmSecondAddress(tx, digestOf(token), { at, askedAfter: aWeekBefore(at) }));
  if (!isConfirmed) throw refuse(e.linkInvalid);
  return language;
}

async function ask(
  ctx: ContactContext,
  tx: Tx,
  { sender, contact, at }: { readonly sender: PartyId; readonly contact: SecondContact; readonly at: Date },
): Promise<void> {
  const party = (await findParty(tx, sender))!;
  const own = (await listOwnAddresses(tx, [sender])).get(sender)!;
  const known = new Map((await listSecondAddresses(tx, sender)).map((row) => [row.address, row]));
  const named = [
    { channel: 'email' as const, address: contact.email },
    { channel: 'sms' as const, address: contact.sms },
  ].flatMap(({ channel, address }) => (address === null ? [] : [{ channel, address }]));
  const asked = named.filter(({ address }) => {
    const row = known.get(address);
    return !own.has(address) && (!row || (row.confirmedAt === null && row.askedAt <= aWeekBefore(at)));
  });
  if (asked.length > 0 && (await countAsked(tx, sender, new Date(at.getTime() - weekMillis / 7))) + asked.length > mostAsked)
    throw refuse(e.tooManyAsked, { most: mostAsked });
  const tokens = new Map(asked.map(({ address }) => [address, randomBytes(32).toString('base64url')]));
  const rows = [...tokens].map(([address, token]) => ({ address, tokenSha256: digestOf(token) }));
  await saveSecondAddresses(tx, sender, rows, at);
  planNotices(
    tx,
    asked.flatMap((point) =>
      composeNotices(
        {
          about: null,
          step: newId(),
          purpose: 'confirm-address',
          channel: point.channel,
          values: {
            senderName: party.name,
            recipientName: '',
            confidential: false,
            dueAt: null,
            inboxAddress: ctx.addresses.inbox,
            consoleAddress: ctx.addresses.console,
            link: `${ctx.publicUrl}/budstikke/v1/second-contact/addresses/${tokens.get(point.address)!}`,
          },
          at,
        },
        [{ id: sender, language: party.language, contactPoints: [point] }],
      ),
    ),
  );
}

async function viewOf(reader: Reader, sender: PartyId) {
  const { email, sms } = (await findSecondContact(reader, sender)) ?? none;
  const rows = email === null && sms === null ? [] : await listSecondAddresses(reader, sender);
  const own = (await listOwnAddresses(reader, [sender])).get(sender)!;
  const isConfirmed = (address: string | null) =>
    address !== null && (own.has(address) || rows.some((row) => row.address === address && row.confirmedAt !== null));
  return { email, sms, emailConfirmed: isConfirmed(email), smsConfirmed: isConfirmed(sms) };
}

const aWeekBefore = (at: Date): Date => new Date(at.getTime() - weekMillis);
const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');
