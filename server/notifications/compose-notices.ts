import type { PartyId } from '#kernel/ids.ts';
import { chooseDestinations, type Destination, type NoticeChannel, sendingTime } from './channels.ts';
import type { NoticeRow } from './notice-row.ts';
import type { StoredOrder } from './store/order.ts';
import { type Language, type NoticeValues, type Purpose, renderText } from './texts.ts';
import { replaceTokens, titleCased } from './tokens.ts';

/** Someone to be told, with everything that is known about how. */
export interface Addressee {
  readonly id: PartyId;
  readonly language: Language;
  readonly contactPoints: readonly Destination[];
}

/** Why somebody is told something now. */
export interface Occasion {
  /** The thing and its recipient; null for a notice to a sender about several. */
  readonly about: { readonly id: string; readonly party: PartyId; readonly partyNumber: string | null } | null;
  /** What ordered it: nobody is told twice at one address for one step. */
  readonly step: string;
  readonly purpose: Purpose;
  readonly channel: NoticeChannel;
  /** The sender's own wording, when it ordered this. */
  readonly order?: StoredOrder | undefined;
  readonly values: NoticeValues;
  readonly at: Date;
}

/** Pure. The notices that tell these addressees, each in their language. Addressees without a contact point get none. */
export function composeNotices(occasion: Occasion, addressees: readonly Addressee[]): NoticeRow[] {
  return addressees.flatMap((addressee) =>
    chooseDestinations(occasion.channel, addressee.contactPoints).map((destination) => ({
      about: occasion.about?.id ?? null,
      party: occasion.about?.party ?? null,
      to: addressee.id,
      step: occasion.step,
      purpose: occasion.purpose,
      ...destination,
      ...wording(occasion, destination.channel, addressee.language),
      dueAt: sendingTime(destination.channel, occasion.at),
      at: occasion.at,
    })),
  );
}

type Wording = Pick<NoticeRow, 'subject' | 'body' | 'html'>;

function wording(occasion: Occasion, channel: 'email' | 'sms', language: Language): Wording {
  const own = occasion.order?.template === 'CustomMessage' ? customWording(occasion, occasion.order, channel) : undefined;
  if (own) return own;
  const { purpose, order, values } = occasion;
  const sentence = (ordered: string | null | undefined) => (ordered ? oneLine(withRecipient(occasion, ordered, false)) : '');
  const withSentence = (ordered: string | null | undefined) => ({ ...values, senderText: sentence(ordered) });
  if (channel === 'sms') return { subject: null, body: renderText(purpose, 'sms', language, withSentence(order?.smsBody)), html: false };
  return {
    subject: oneLine(`${renderText(purpose, 'emailSubject', language, values)} ${sentence(order?.emailSubject)}`),
    // An ordered text in HTML cannot be set into a plain one.
    body: renderText(purpose, 'emailBody', language, withSentence(order?.emailHtml ? null : order?.emailBody)),
    html: false,
  };
}

/** The sender's own text alone. Undefined when it wrote none for this channel: then ours is sent rather than nothing. */
function customWording(occasion: Occasion, order: StoredOrder, channel: 'email' | 'sms'): Wording | undefined {
  if (channel === 'sms') {
    return order.smsBody ? { subject: null, body: withRecipient(occasion, order.smsBody, false), html: false } : undefined;
  }
  if (!order.emailSubject || !order.emailBody) return undefined;
  return {
    subject: oneLine(withRecipient(occasion, order.emailSubject, false)),
    body: withRecipient(occasion, order.emailBody, order.emailHtml),
    html: order.emailHtml,
  };
}

/** Replaces the tokens that differ by recipient. Source: compatibility.md, correspondence, §6.1. */
function withRecipient(occasion: Occasion, text: string, html: boolean): string {
  const number = occasion.about?.partyNumber ?? '';
  const { recipientName } = occasion.values;
  return replaceTokens(
    text,
    {
      correspondenceRecipientName: titleCased(recipientName),
      recipientName,
      recipientNumber: number.length === 9 ? number : '', // a person's number is never written in a notice
    },
    html,
  );
}

/** A subject is a header: nothing in it may begin a new line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
