import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '#kernel/database.ts';
import type { Mail, MailPort, Sms, SmsPort } from '../ports.ts';
import { takeTurn } from '../store/pace.ts';

export interface Pace {
  readonly db: Db;
  /** How many the gateway takes in a second, of all processes together. */
  readonly perSecond: number;
}

/** The carrier, given no more mails in a second than it takes: each waits for its turn, whichever process sends it. */
export function pacedMail(mail: MailPort, pace: Pace): MailPort {
  const inTurn = async () => {
    await turn('email', pace);
    return (each: Mail) => mail.send(each);
  };
  return { inTurn, send: async (each) => (await inTurn())(each) };
}

export function pacedSms(sms: SmsPort, pace: Pace): SmsPort {
  const inTurn = async () => {
    await turn('sms', pace);
    return (each: Sms) => sms.send(each);
  };
  return { inTurn, send: async (each) => (await inTurn())(each) };
}

async function turn(channel: 'email' | 'sms', { db, perSecond }: Pace): Promise<void> {
  const waitMillis = await db.transaction((tx) => takeTurn(tx, channel, 1 / perSecond));
  if (waitMillis > 0) await sleep(waitMillis);
}
