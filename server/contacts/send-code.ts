import { randomInt } from 'node:crypto';
import { partiesOf } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { composeNotices, isOneMailbox, planNotices } from '#notifications/index.ts';
import { findOwnAddress, findParty, listOwnAddresses } from '#register/index.ts';
import { digestOf } from './code-digest.ts';
import { contactErrors as e } from './errors.ts';
import { countProofs, lockAsking, type StoredProof, saveProof } from './store/proof.ts';
import { changerOf, keptOrMissing, partyKeptBy } from './whose.ts';
import type { NewAddress, Proof } from './wire.ts';

export interface ContactsContext extends Context {
  readonly addresses: { readonly inbox: string; readonly console: string };
}

/** In an hour. A person may keep the addresses of many organizations. */
const [mostForParty, mostByPerson, mostToMailbox] = [10, 20, 3];
const mostAddresses = 50;

/**
 * Somebody wants a party to be told at an address: a code goes there, and the address counts once the code is typed in. Of a person it
 * may be for post to an organization that they act for. The code goes at any hour; nobody can have a mailbox written to more than three
 * times an hour, have more than ten codes sent for a party, or more than twenty for all that they keep.
 *
 * Refuses personsOnly, loginTooLow, partyNotYours, addressInvalid, organizationNotYours, tooManyAddresses, tooManyCodes.
 */
export function addAddress(ctx: ContactsContext, caller: Caller, wish: NewAddress): Promise<Proof> {
  const person = changerOf(caller);
  const address = normalized(wish);
  return ctx.db.transaction(async (tx) => {
    const party = await partyKeptBy(tx, person, wish.party as PartyId);
    const at = (wish.at ?? null) as PartyId | null;
    if (at !== null && (party.kind !== 'person' || !(await actsFor(tx, person, at)))) throw refuse(e.organizationNotYours);
    if ((await listOwnAddresses(tx, party.id)).length >= mostAddresses) throw refuse(e.tooManyAddresses);
    const resources = at === null || !wish.resources ? null : [...new Set(wish.resources)];
    return sendCode(ctx, tx, { party: party.id, at, resources, point: null, channel: wish.channel, address, askedBy: person });
  });
}

/**
 * A code to an address that stands, so that its owner confirms that it is still theirs.
 * Refuses personsOnly, loginTooLow, addressNotFound, keptElsewhere, tooManyCodes.
 */
export function confirmAnew(ctx: ContactsContext, caller: Caller, id: string): Promise<Proof> {
  const person = changerOf(caller);
  return ctx.db.transaction(async (tx) => {
    const own = await addressKeptBy(tx, person, id);
    const { party, at, resources, channel, address } = own;
    return sendCode(ctx, tx, { party, at, resources, point: own.id, channel, address, askedBy: person });
  });
}

/** An address of a party that the person keeps. Refuses addressNotFound, also for those of others; keptElsewhere. */
export async function addressKeptBy(tx: Tx, person: PartyId, id: string) {
  const own = await findOwnAddress(tx, id);
  if (!own) throw refuse(e.addressNotFound);
  await keptOrMissing(tx, person, own.party);
  if (own.source === 'krr') throw refuse(e.keptElsewhere);
  return own;
}

async function actsFor(tx: Tx, person: PartyId, at: PartyId): Promise<boolean> {
  return (await findParty(tx, at))?.kind === 'organization' && (await partiesOf(tx, person)).includes(at);
}

/** As people write mobile numbers in Norway. Source: compatibility.md, correspondence, §6.4. */
function normalized({ channel, address }: NewAddress): string {
  const text = address.trim();
  if (channel === 'email') {
    if (!isOneMailbox(text)) throw refuse(e.addressInvalid);
    return text;
  }
  const bare = text.replaceAll(/[\s()-]/g, '').replace(/^00/, '+');
  const number = /^[49]\d{7}$/.test(bare) ? `+47${bare}` : bare;
  if (!/^\+[1-9]\d{6,14}$/.test(number)) throw refuse(e.addressInvalid);
  return number;
}

async function sendCode(ctx: ContactsContext, tx: Tx, what: Omit<StoredProof, 'id' | 'codeSha256'>): Promise<Proof> {
  await lockAsking(tx, what);
  const { forParty, byPerson, toMailbox } = await countProofs(tx, what);
  if (forParty >= mostForParty || byPerson >= mostByPerson || toMailbox >= mostToMailbox) throw refuse(e.tooManyCodes);
  const id = newId();
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const expiresAt = await saveProof(tx, { ...what, id, codeSha256: digestOf(id, code) });
  const reader = (await findParty(tx, what.askedBy))!;
  const { channel, address } = what;
  planNotices(
    tx,
    composeNotices(
      {
        about: null,
        step: id,
        purpose: 'prove-address',
        channel,
        values: {
          ...{ senderName: '', recipientName: '', confidential: false, dueAt: null, code },
          inboxAddress: ctx.addresses.inbox,
          consoleAddress: ctx.addresses.console,
        },
        at: ctx.now(),
      },
      [{ id: what.party, language: reader.language, contactPoints: [{ channel, address }] }],
    ),
  );
  return { id, channel, address, confirms: what.point, expiresAt: expiresAt.toISOString() };
}
