import type { PartyId } from '#kernel/ids.ts';
import { chooseDestinations, type Destination, type NoticeChannel, sendingTime } from '../channels.ts';
import type { StoredOrder } from '../store/order.ts';
import { type Language, type NoticeValues, type Purpose, renderText } from '../texts.ts';
import type { NoticeRow } from './notice-row.ts';
import { oneLine, replaceTokens, type TokenValues, titleCased } from './tokens.ts';

/** Someone to be told, with everything that is known about how. */
export interface Addressee {
  /** Null for an address that a sender named. */
  readonly id: PartyId | null;
  readonly language: Language;
  readonly contactPoints: readonly Destination[];
  /** Whom `$recipientName$` and `$recipientNumber$` stand for, where it is not the recipient of the post. */
  readonly named?: { readonly name: string; readonly number: string | null };
}

/** Why somebody is told something now. */
export interface Occasion {
  /** The thing and its recipient; null for a notice to a sender about several. */
  readonly about: { readonly id: string; readonly party: PartyId; readonly partyNumber: string | null } | null;
  /** What ordered it: nobody is told twice at one address for one step. */
  readonly step: string;
  readonly purpose: Purpose;
  readonly channel: NoticeChannel;
  /** The sender's wording, when it ordered this. */
  readonly order?: StoredOrder | undefined;
  /** The order of one message and one notified, as clients know it. */
  readonly shipment?: string;
  readonly values: NoticeValues;
  readonly at: Date;
}

/** Pure. The notices that tell these addressees, each in their language. Addressees without a contact point get none. */
export function composeNotices(ordered: Occasion, addressees: readonly Addressee[]): NoticeRow[] {
  return addressees.flatMap((addressee) => {
    const occasion = ofWhoHasRead(ordered, addressee);
    return chooseDestinations(occasion.channel, addressee.contactPoints).map(({ channel, address }) => ({
      about: occasion.about?.id ?? null,
      party: occasion.about?.party ?? null,
      to: addressee.id,
      step: occasion.step,
      shipment: occasion.shipment ?? null,
      purpose: occasion.purpose,
      ...{ channel, address },
      ...wording(occasion, channel, addressee),
      dueAt: occasion.purpose === 'prove-address' ? occasion.at : sendingTime(channel, occasion.at),
      anyHour: occasion.purpose === 'prove-address',
      neededBy: occasion.values.dueAt,
      at: occasion.at,
    }));
  });
}

const outsideOfOrders: ReadonlySet<Purpose> = new Set(['reminder-confirm', 'attachment-unlocked', 'attachment-reminder']);

/**
 * A sender words its reminder for who has not read. Who has read and is to confirm, or to open an attachment, is asked in our words, outside of
 * the order, which is over for them. Whom the sender named stay with the order, and delivery calls it off. Source: compatibility.md, correspondence, §6.5.
 */
function ofWhoHasRead(occasion: Occasion, { named }: Addressee): Occasion {
  if (!outsideOfOrders.has(occasion.purpose) || named) return occasion;
  const { order: _order, shipment: _shipment, ...ours } = occasion;
  return ours;
}

type Wording = Pick<NoticeRow, 'subject' | 'body' | 'html'>;

/** The sender's text where it ordered one for this channel: else ours is sent rather than nothing. */
function wording({ order, purpose, values, about }: Occasion, channel: 'email' | 'sms', { language, named }: Addressee): Wording {
  const number = (named ? named.number : about?.partyNumber) ?? '';
  const tokens: TokenValues = {
    correspondenceRecipientName: titleCased(values.recipientName),
    recipientName: named?.name ?? values.recipientName,
    recipientNumber: number.length === 9 ? number : '', // a person's number is never written in a notice
  };
  const ordered = order && orderedWording(order, tokens, channel);
  if (ordered) return ordered;
  if (channel === 'sms') return { subject: null, body: renderText(purpose, 'sms', language, values), html: false };
  const subject = oneLine(renderText(purpose, 'emailSubject', language, values));
  return { subject, body: renderText(purpose, 'emailBody', language, values), html: false };
}

/** Replaces the tokens that differ by recipient. Source: compatibility.md, correspondence, §6.1. */
function orderedWording(order: StoredOrder, tokens: TokenValues, channel: 'email' | 'sms'): Wording | undefined {
  const { emailSubject, emailBody, emailHtml, smsBody } = order;
  const filled = (text: string, html = false) => replaceTokens(text, tokens, { html, last: true });
  if (channel === 'sms') return smsBody ? { subject: null, body: filled(smsBody), html: false } : undefined;
  if (!emailSubject || !emailBody) return undefined;
  return { subject: oneLine(filled(emailSubject)), body: filled(emailBody, emailHtml), html: emailHtml };
}
