import type { Language } from '../texts.ts';

/** The original's sentences of the general template, to the letter: clients' suites compare them. Source: compatibility.md, correspondence, §6.1. */
const genericTexts = {
  nb: {
    subject: 'En melding har blitt mottatt i Altinn {textToken}',
    body: 'Hei. $correspondenceRecipientName$ har mottatt en ny melding fra $sendersName$. {textToken}Logg deg inn i Altinn for å se denne meldingen.',
    reminderSubject: 'Påminnelse - en melding har blitt mottatt i Altinn {textToken}',
    reminderBody:
      'Hei. Dette er en påminnelse om at $correspondenceRecipientName$ har mottatt en ny melding fra $sendersName$. {textToken}Logg deg inn i Altinn for å se denne meldingen.',
  },
  nn: {
    subject: 'Ein melding har blitt motteke i Altinn {textToken}',
    body: 'Hei. $correspondenceRecipientName$ har motteke ei ny melding frå $sendersName$. {textToken}Logg deg inn i Altinn for å sjå denne meldinga.',
    reminderSubject: 'Påminning - ein melding har blitt motteke i Altinn {textToken}',
    reminderBody:
      'Hei. Dette er ei påminning om at $correspondenceRecipientName$ har motteke ei ny melding frå $sendersName$. {textToken}Logg deg inn i Altinn for å sjå denne meldinga.',
  },
  en: {
    subject: 'A message has been received in Altinn {textToken}',
    body: 'Hello. $correspondenceRecipientName$ has received a new message from $sendersName$. {textToken}Log in to Altinn to see this message.',
    reminderSubject: 'Reminder - a message has been received in Altinn {textToken}',
    reminderBody:
      'Hello. This is a reminder that $correspondenceRecipientName$ has received a new message from $sendersName$. {textToken}Log in to Altinn to see this message.',
  },
} as const satisfies Readonly<Record<Language, object>>;

/** A wording for both channels. */
export interface OrderTexts {
  readonly emailSubject: string | null;
  readonly emailBody: string | null;
  readonly smsBody: string | null;
}

/** Pure. The general template in a language, with what the sender wrote set in where it wrote anything. */
export function fillGeneric(language: Language, isReminder: boolean, own: OrderTexts): OrderTexts {
  const texts = genericTexts[language];
  const body = isReminder ? texts.reminderBody : texts.body;
  return {
    emailSubject: setIn(isReminder ? texts.reminderSubject : texts.subject, own.emailSubject),
    emailBody: setIn(body, own.emailBody),
    smsBody: setIn(body, own.smsBody),
  };
}

function setIn(text: string, own: string | null): string {
  return text.replace('{textToken}', () => (own ? `${own} ` : '')).trim();
}
