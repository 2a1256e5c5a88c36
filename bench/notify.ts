import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createTransport } from 'nodemailer';
import { createClock, createDatabase, type Database } from '#db/index.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import { createSmtpMail, type DeliveryContext, deliverDueNotices, type NoticeRow, planNotices } from '#notifications/index.ts';
import type { Closers } from './closers.ts';
import { median, spread } from './figures.ts';
import { openClient, openMachine } from './machine.ts';
import { cpuOfPostgres } from './mailing/cpu.ts';
import { atLeast, type BenchOptions, type Report } from './options.ts';
import { readStatements } from './profile.ts';

/** Connections to the mail server, for both. */
const connections = 5;
const from = 'Post <post@budstikke.example>';

interface NotifyRun {
  /** Bare: the same mails by the same library over as many connections, and nothing written down. */
  readonly way: 'budstikke' | 'bare';
  readonly mails: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Processor time of the process that sends, for a mail, in milliseconds; of PostgreSQL; and of the mail server. */
  readonly senderMillis: number;
  readonly postgresMillis: number;
  readonly mailServerMillis: number;
  /** How large a part of the time the connections waited, from the mail server's yes until they began the next mail. */
  readonly idle: number;
}

/**
 * Notices that are due, from the first claim to the last settled with its evidence; in alternation with the bare mail library, to the same
 * mail server in a process of its own.
 */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const machine = await openMachine(options, closers);
  await machine.createMigrated('notify');
  const db = createDatabase({ url: machine.urlOf('notify'), maxConnections: 10, applicationName: 'budstikke bench notify' });
  closers.add(() => db.close());
  const clock = createClock(db);
  await clock.refresh();
  const client = await openClient(machine.urlOf('notify'));
  closers.add(() => client.end());
  const sink = await startSink(closers);
  const mail = createSmtpMail({ url: sink.url, maxConnections: connections });
  closers.add(async () => mail.close());
  const ctx: DeliveryContext = {
    db,
    now: clock.now,
    log: silentLog,
    mail,
    sms: { send: () => Promise.reject(new Error('no SMS here')) },
    mailFrom: from,
  };

  const runs: NotifyRun[] = [];
  const faults: string[] = [];
  for (let repeat = -1; repeat < options.repeats; repeat++) {
    const many = repeat < 0 ? Math.min(200, options.recipients) : options.recipients; // at first code is compiled and connections are made
    for (const way of repeat % 2 === 0 ? (['bare', 'budstikke'] as const) : (['budstikke', 'bare'] as const)) {
      if (way === 'budstikke') await plan(ctx, db, many);
      const [postgresBefore, senderBefore] = [await cpuOfPostgres(client), process.cpuUsage()];
      await sink.count();
      const seconds = await secondsOf(() => (way === 'bare' ? sendBare(sink.url, many) : deliverDueNotices(ctx)));
      const { user, system } = process.cpuUsage(senderBefore);
      const { taken, different, waitedMillis, cpuMillis } = await sink.count();
      if (taken !== many || different !== many) faults.push(`${way}: of ${many} mails ${taken} came, ${different} of them different`);
      if (repeat < 0) continue;
      runs.push({
        ...{ way, mails: many, seconds, perSecond: many / seconds, senderMillis: (user + system) / 1000 / many },
        postgresMillis: ((await cpuOfPostgres(client)) - postgresBefore) / many,
        ...{ mailServerMillis: cpuMillis / many, idle: waitedMillis / (connections * seconds * 1000) },
      });
    }
  }
  const of = (way: NotifyRun['way'], what: 'perSecond' | 'senderMillis' | 'postgresMillis' | 'mailServerMillis' | 'idle') =>
    runs.filter((each) => each.way === way).map((each) => each[what]);
  for (const way of ['budstikke', 'bare'] as const) {
    const millis = (['senderMillis', 'postgresMillis', 'mailServerMillis'] as const).map((what) => median(of(way, what)).toFixed(2));
    console.log(
      `${way.padEnd(12)}${spread(of(way, 'perSecond')).padStart(20)} mails a second; processor time for one, ms: sender ${millis[0]}, ` +
        `PostgreSQL ${millis[1]}, mail server ${millis[2]}; connections idle ${(median(of(way, 'idle')) * 100).toFixed(0)} % of the time`,
    );
  }
  if (options.profile) for (const line of await readStatements(client)) console.log(line);
  const ratio = median(of('budstikke', 'perSecond')) / median(of('bare', 'perSecond'));
  return { bench: 'notify', goals: [atLeast('of the bare mail library, to the same mail server', ratio, 0.9)], faults, runs };
}

const words = (i: number) => ({
  address: `p${i}@example.no`,
  subject: `Ny post til Person ${i} fra Etaten`,
  body: `Hei. Etaten har sendt post til Person ${i}. Logg inn på https://post.example for å lese. Vi sender aldri lenker som ber om passord.`,
});

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function plan(ctx: DeliveryContext, db: Database, many: number): Promise<void> {
  const at = ctx.now();
  const notices = Array.from({ length: many }, (_, i): NoticeRow => {
    const ids = { about: newId(), party: newId<PartyId>(), to: newId<PartyId>(), step: newId() };
    return { ...ids, purpose: 'new-mail', channel: 'email', ...words(i), html: false, dueAt: at, at };
  });
  for (let i = 0; i < notices.length; i += 1000) await db.transaction(async (tx) => planNotices(tx, notices.slice(i, i + 1000)));
}

async function sendBare(url: string, many: number): Promise<void> {
  const transport = createTransport({ pool: true, url, maxConnections: connections });
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < many; i = next++) {
      const { address, subject, body } = words(i);
      await transport.sendMail({ messageId: `<${newId()}@budstikke.example>`, from, to: address, subject, text: body });
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  transport.close();
}

interface Counted {
  readonly taken: number;
  readonly different: number;
  readonly waitedMillis: number;
  readonly cpuMillis: number;
}

interface Sink {
  readonly url: string;
  count(): Promise<Counted>;
}

async function startSink(closers: Closers): Promise<Sink> {
  const child = fork(new URL('mail-sink.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  closers.add(async () => {
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
  });
  const { port } = await said<{ port: number }>(child);
  return {
    url: `smtp://127.0.0.1:${port}`,
    count() {
      const answer = said<Counted>(child);
      child.send('count');
      return answer;
    },
  };
}

async function said<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T];
  return message;
}
