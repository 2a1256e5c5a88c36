import { createClock, createDatabase } from '#db/index.ts';
import { silentLog } from '#kernel/log.ts';
import { createSmtpMail } from '../adapters/smtp.ts';
import { deliverDueNotices } from '../deliver/deliver-due-notices.ts';
import type { MailPort } from '../ports.ts';

/**
 * A worker of its own that delivers what is due, for tests that kill it. Arguments: database, mail server, and
 * `after-250` to die by its own hand between the server's yes and the commit.
 */
const [databaseUrl, smtpUrl, when] = process.argv.slice(2);
const db = createDatabase({ url: databaseUrl! });
const clock = createClock(db);
await clock.refresh();
const smtp = createSmtpMail({ url: smtpUrl! });
const mail: MailPort = {
  async send(each) {
    const answer = await smtp.send(each);
    if (when === 'after-250') process.kill(process.pid, 'SIGKILL');
    return answer;
  },
};
const sms = { send: async () => ({ kind: 'later', answer: 'no gateway' }) as const };
await deliverDueNotices({ db, now: clock.now, log: silentLog, mail, sms, mailFrom: 'Budstikke <post@budstikke.example>' });
smtp.close();
await db.close();
