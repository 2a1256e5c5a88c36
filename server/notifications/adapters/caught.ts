import type { Mail, MailPort, Sms, SmsPort } from '../ports.ts';

/** What would have gone out. */
export interface Caught {
  readonly channel: 'email' | 'sms';
  readonly messageId: string;
  readonly sender: string;
  readonly address: string;
  readonly subject: string | null;
  readonly body: string;
}

/** Carriers of a sandbox: nothing leaves the machine, `keep` stores it to be looked at. */
export function createCaught(keep: (caught: Caught) => Promise<void>): { readonly mail: MailPort; readonly sms: SmsPort } {
  return {
    mail: {
      async send({ messageId, from, to, subject, body, attachments = [] }: Mail) {
        const files = attachments.map(({ fileName, text }) => `\n\n${fileName}\n${text}`).join('');
        await keep({ channel: 'email', messageId, sender: from, address: to, subject, body: body + files });
        return { kind: 'handed-over', answer: 'caught' };
      },
    },
    sms: {
      async send({ id, to, text }: Sms) {
        await keep({ channel: 'sms', messageId: id, sender: 'Budstikke', address: to, subject: null, body: text });
        return { kind: 'handed-over', answer: 'caught' };
      },
    },
  };
}
