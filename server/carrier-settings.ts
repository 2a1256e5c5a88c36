import { setting } from './setting.ts';
import { integer, mailbox, url } from './setting-readers.ts';

/** Who carries notices and letters out of this system. */
export const carrierSettings = {
  SMTP_URL: setting<string>({
    type: 'URL',
    meaning: 'The mail server that notices are handed to; the sandbox catches them when it is not set.',
    sandbox: undefined,
    production: 'required',
    read: url('smtp:', 'smtps:'),
    secret: true,
  }),
  MAIL_FROM: setting<string>({
    type: 'e-mail address',
    meaning: 'The address that notices come from.',
    sandbox: 'Budstikke <budstikke@localhost>',
    production: 'required',
    read: mailbox,
  }),
  SMS_GATEWAY_URL: setting<string>({
    type: 'URL',
    meaning: 'The gateway that SMS are posted to as JSON; the sandbox catches them when it is not set.',
    sandbox: undefined,
    production: 'required',
    read: url('https:', 'http:'),
    secret: true,
  }),
  MAIL_PER_SECOND: setting<number>({
    type: 'number',
    meaning: 'How many mails the mail server is given in a second, by all processes together. Without it as many as it takes.',
    sandbox: undefined,
    production: undefined,
    read: integer(1, 10_000),
  }),
  SMS_PER_SECOND: setting<number>({
    type: 'number',
    meaning: 'How many SMS the gateway is given in a second, by all processes together. Without it as many as it takes.',
    sandbox: undefined,
    production: undefined,
    read: integer(1, 10_000),
  }),
} as const;
