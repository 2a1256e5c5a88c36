import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '#kernel/database.ts';
import type { MailPort, SmsPort } from './ports.ts';
import { takeTurn } from './store/pace.ts';

export interface Pace {
  readonly db: Db;
  /** How many the gateway takes in a second, of all processes together. */
  readonly perSecond: number;
}

/** The carrier, given no more mails in a second than it takes: each waits for its turn, whichever process sends it. */
export function pacedMail(mail: MailPort, pace: Pace): MailPort {
  return {
    async send(each) {
      await turn('email', pace);
      return mail.send(each);
    },
  };
}

export function pacedSms(sms: SmsPort, pace: Pace): SmsPort {
  return {
    async send(each) {
      await turn('sms', pace);
      return sms.send(each);
    },
  };
}

async function turn(channel: 'email' | 'sms', { db, perSecond }: Pace): Promise<void> {
  const waitMillis = await db.transaction((tx) => takeTurn(tx, channel, 1 / perSecond));
  if (waitMillis > 0) await sleep(waitMillis);
}
