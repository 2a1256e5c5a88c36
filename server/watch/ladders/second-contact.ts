import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { hasFormOfMailbox } from '#notifications/index.ts';
import { findSecondContacts, type SecondContact, saveSecondContact } from '../store/second-contact.ts';
import { ladderErrors as e } from './errors.ts';
import { ownerOf } from './put-ladder.ts';

const none: SecondContact = { email: null, sms: null };

/** Who besides the sender's own addresses hears of its unread post. Refuses notOrganization. */
export async function showSecondContact(ctx: Context, caller: Caller): Promise<SecondContact> {
  const sender = ownerOf(caller);
  return (await findSecondContacts(ctx.db, [sender])).get(sender) ?? none;
}

/** Both null: nobody any more. Refuses notOrganization, addressInvalid. */
export async function putSecondContact(ctx: Context, caller: Caller, contact: SecondContact): Promise<SecondContact> {
  const sender = ownerOf(caller);
  if (contact.email !== null && !hasFormOfMailbox(contact.email)) throw refuse(e.addressInvalid, { field: 'email' });
  if (contact.sms !== null && !/^\+[1-9]\d{6,14}$/.test(contact.sms)) throw refuse(e.addressInvalid, { field: 'sms' });
  return ctx.db.transaction(async (tx) => {
    await saveSecondContact(tx, sender, contact, ctx.now());
    return { email: contact.email, sms: contact.sms };
  });
}
