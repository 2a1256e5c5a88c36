import type { Reader, Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { OrderChannel } from '../channels.ts';
import { type CustomRecipient, findOrderRows, type StoredOrder, saveOrderRows } from '../store/order.ts';
import type { Language } from '../texts.ts';
import { fillGeneric } from './generic-texts.ts';
import { replaceTokens } from './tokens.ts';

/** A notification or reminder that a sender ordered with a message. One row serves all recipients of a request. */
export interface SenderOrder {
  readonly id: string;
  readonly sender: PartyId;
  readonly template: 'CustomMessage' | 'GenericAltinnMessage';
  /** Which of the general template's sentences; the sender's own wording is whole. Left out: no reminder. */
  readonly isReminder?: boolean;
  /** Of the message, and of the general template. */
  readonly language?: Language;
  readonly channel: OrderChannel;
  readonly emailSubject?: string | null;
  readonly emailBody?: string | null;
  readonly emailHtml?: boolean;
  readonly smsBody?: string | null;
  /** Others to be notified, beside those who can open or, with `override`, alone. */
  readonly custom?: readonly CustomRecipient[];
  readonly override?: boolean;
  /** Also those who have said no to digital post. */
  readonly ignoreReservation?: boolean;
  readonly at: Date;
  /** What the tokens stand for that are the same for all recipients. */
  readonly sendersName: string;
  readonly resourceName: string;
  readonly messageTitle: string;
  /** Neither the title of the message nor the resource's name leaves the house then: their tokens become nothing. */
  readonly confidential: boolean;
}

/**
 * Keeps the wording that senders ordered, that of the general template written out, with the tokens replaced that do not
 * depend on who is told. Source: compatibility.md, correspondence, §6.1.
 */
export function saveOrders(tx: Tx, orders: readonly SenderOrder[]): void {
  if (orders.length > 0) saveOrderRows(tx, orders.map(toStored));
}

function toStored(order: SenderOrder): StoredOrder {
  const open = { messageTitle: order.messageTitle, resourceName: order.resourceName };
  const values = { sendersName: order.sendersName, ...(order.confidential ? { messageTitle: '', resourceName: '' } : open) };
  const html = order.emailHtml ?? false;
  const language = order.language ?? 'nb';
  const own = { emailSubject: order.emailSubject ?? null, emailBody: order.emailBody ?? null, smsBody: order.smsBody ?? null };
  const texts = order.template === 'GenericAltinnMessage' ? fillGeneric(language, order.isReminder ?? false, own) : own;
  const replaced = (text: string | null, asHtml: boolean) => (text ? replaceTokens(text, values, { html: asHtml }).trim() : null);
  return {
    id: order.id,
    sender: order.sender,
    template: order.template,
    language,
    channel: order.channel,
    emailSubject: replaced(texts.emailSubject, false),
    emailBody: replaced(texts.emailBody, html),
    emailHtml: html,
    smsBody: replaced(texts.smsBody, false),
    custom: order.custom ?? [],
    override: order.override ?? false,
    ignoreReservation: order.ignoreReservation ?? false,
    at: order.at,
  };
}

export async function findOrders(reader: Reader, ids: readonly string[]): Promise<Map<string, StoredOrder>> {
  if (ids.length === 0) return new Map();
  const rows = await findOrderRows(reader, ids);
  return new Map(rows.map((row) => [row.id, row]));
}
