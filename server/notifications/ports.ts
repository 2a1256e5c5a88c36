export interface Mail {
  /** `<…@…>`; the same at every attempt. */
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly html: boolean;
  readonly attachments?: readonly { readonly fileName: string; readonly mediaType: string; readonly text: string }[];
}

export interface Sms {
  /** The same at every attempt: a gateway that has seen it sends nothing more. */
  readonly id: string;
  /** E.164: `+4799999999`. */
  readonly to: string;
  readonly text: string;
}

/** What became of a hand-over. `answer` is the carrier's own words, shortened. */
export type HandOver =
  | { readonly kind: 'handed-over'; readonly answer: string }
  | { readonly kind: 'refused'; readonly answer: string; readonly reason: RefusedReason }
  | { readonly kind: 'later'; readonly answer: string };

export type RefusedReason = 'address-rejected' | 'mailbox-full' | 'carrier-refused';

/** Hands a mail to the next mail server. `handed-over` says no more than that it took it. Never throws for what a carrier answers. */
export interface MailPort {
  send(mail: Mail): Promise<HandOver>;
  /** Of a carrier with a pace: waits for a turn, and gives the way to hand over one mail in it. For who has something to ask in between. */
  inTurn?(): Promise<(mail: Mail) => Promise<HandOver>>;
}

export interface SmsPort {
  send(sms: Sms): Promise<HandOver>;
  inTurn?(): Promise<(sms: Sms) => Promise<HandOver>>;
}

/** A carrier's answer as it may be stored: one line, 300 characters. */
export function shortAnswer(answer: string): string {
  return answer.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}
