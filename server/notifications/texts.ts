import en from './texts/en.json' with { type: 'json' };
import nb from './texts/nb.json' with { type: 'json' };
import nn from './texts/nn.json' with { type: 'json' };

export type Language = 'nb' | 'nn' | 'en';

/** Why a notice is sent; the key of its texts. */
export const purposes = [
  'new-mail',
  'reminder',
  'reminder-confirm',
  'attachment-unlocked',
  'attachment-reminder',
  'sealed',
  'sealed-attachment',
  'fallback',
  'fallback-unread',
  'key-roles',
  'sender-unread',
  'sender-decision',
  'sender-failed',
  'subscription-paused',
  'confirm-address',
  'prove-address',
  'stale-address',
  'new-file',
  'file-reminder',
  'file-confirm',
  'file-sealed',
  'file-fallback',
  'file-key-roles',
  'files-unread',
  'files-decision',
  'files-failed',
  'paper-returned',
  'sender-deleted',
  'sender-expiring',
  'files-expiring',
] as const;
export type Purpose = (typeof purposes)[number];

/** Notices that tell someone who can open that there is something to open. */
export const toOpeners = [
  'new-mail',
  'reminder',
  'reminder-confirm',
  'attachment-unlocked',
  'attachment-reminder',
  'new-file',
  'file-reminder',
  'file-confirm',
] as const satisfies readonly Purpose[];

/** Notices that tell someone who could let somebody in that there is something to open. */
export const toGrantors = ['sealed', 'sealed-attachment', 'file-sealed'] as const satisfies readonly Purpose[];

type Wording = Readonly<Record<'emailSubject' | 'emailBody' | 'sms', string>>;
export type Texts = Readonly<Record<Purpose, Wording>> & {
  readonly due: string;
  readonly kind: Readonly<Record<'confidential' | 'ordinary', string>>;
  readonly messages: Readonly<Record<'one' | 'other', string>>;
  readonly files: Readonly<Record<'one' | 'other', string>>;
  readonly newFiles: Readonly<Record<'one' | 'other', string>>;
  readonly notices: Readonly<Record<'one' | 'other', string>>;
  readonly toWhom: Readonly<Record<'all' | 'one' | 'other', string>>;
  /** Lines at the end of what a sender is told. */
  readonly decidesItself: string;
  readonly otherSenders: Readonly<Record<'one' | 'other', string>>;
};

export const texts: Readonly<Record<Language, Texts>> = { nb, nn, en };

/** What a notice may speak of. Neither title nor content is among it, so that no text can leak them. */
export interface NoticeValues {
  readonly senderName: string;
  /** The recipient of the post; for notices to a sender, not used. */
  readonly recipientName: string;
  readonly confidential: boolean;
  readonly dueAt: Date | null;
  readonly inboxAddress: string;
  readonly consoleAddress: string;
  /** Where whoever is asked answers. */
  readonly link?: string;
  /** What proves that somebody has an address. */
  readonly code?: string;
  /** Files that wait. To a sender: how many are unread or unconfirmed, how many of those wait for a grant, can be opened and granted by nobody, or wait for a confirmation; how many notices failed. */
  readonly count?: number;
  readonly grantNeeded?: number;
  readonly noOpener?: number;
  readonly unconfirmed?: number;
  readonly failed?: number;
  /** When the first unread bytes go. */
  readonly goesAt?: Date;
  /** The sender lives and has no address: whoever reads this cannot decide in its stead. */
  readonly decidesItself?: boolean;
  /** To a sender, of some of what is counted: to whom it went. None of confidential post. */
  readonly recipients?: readonly string[];
  /** For how many senders more there is something to tell. */
  readonly otherSenders?: number;
}

const locales = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' } as const;

/** The wording of a purpose in a language, its blanks filled. A blank without a value is a fault, never sent. */
export function renderText(purpose: Purpose, part: keyof Wording, language: Language, values: NoticeValues): string {
  const own = texts[language];
  const { otherSenders = 0 } = values;
  const filled: Record<string, string> = {
    senderName: values.senderName,
    recipientName: values.recipientName,
    inboxAddress: values.inboxAddress,
    consoleAddress: values.consoleAddress,
    link: values.link ?? '',
    code: values.code ?? '',
    due: values.dueAt ? fill(own.due, { dueOn: dateOf(values.dueAt, language) }) : '',
    goesOn: values.goesAt ? dateOf(values.goesAt, language) : '',
    kind: own.kind[values.confidential ? 'confidential' : 'ordinary'],
    messages: fill(values.count === 1 ? own.messages.one : own.messages.other, { count: String(values.count ?? 0) }),
    files: fill(values.count === 1 ? own.files.one : own.files.other, { count: String(values.count ?? 0) }),
    newFiles: fill(values.count === 1 ? own.newFiles.one : own.newFiles.other, { count: String(values.count ?? 0) }),
    grantNeeded: String(values.grantNeeded ?? 0),
    noOpener: String(values.noOpener ?? 0),
    unconfirmed: String(values.unconfirmed ?? 0),
    notices: fill(values.failed === 1 ? own.notices.one : own.notices.other, { count: String(values.failed ?? 0) }),
    toWhom: toWhom(values, language),
    whoDecides: values.decidesItself ? `\n${fill(own.decidesItself, { senderName: values.senderName })}` : '',
    others:
      otherSenders === 0
        ? ''
        : `\n${fill(otherSenders === 1 ? own.otherSenders.one : own.otherSenders.other, { count: String(otherSenders) })}`,
  };
  return fill(own[purpose][part], filled);
}

/** Nothing where nobody is named. */
function toWhom({ recipients = [], count = 0 }: NoticeValues, language: Language): string {
  if (recipients.length === 0) return '';
  const more = Math.max(0, count - recipients.length);
  const names = [...new Set(recipients)];
  const list = more === 0 ? new Intl.ListFormat(locales[language]).format(names) : names.join(', ');
  return ` ${fill(texts[language].toWhom[more === 0 ? 'all' : more === 1 ? 'one' : 'other'], { names: list, count: String(more) })}`;
}

/** By language: to make one takes a hundred times as long as to use it. */
const dates = new Map<Language, Intl.DateTimeFormat>();

/** The day in Norway, in words. */
function dateOf(at: Date, language: Language): string {
  const format = dates.get(language) ?? new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'Europe/Oslo' });
  dates.set(language, format);
  return format.format(at);
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the text has a blank {${name}} that nothing fills`);
    return value;
  });
}
