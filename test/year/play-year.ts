import { createHash } from 'node:crypto';
import { findNextDueDate } from '#correspondence/index.ts';
import type { AnySweeper } from '#jobs/index.ts';
import { type Reader, sql } from '#kernel/database.ts';
import { nextNoticeDueAt } from '#notifications/index.ts';
import { compareCauses, nextStepDueAt, sweepCauses } from '#watch/index.ts';
import { initializeCorrespondence } from '../../server/correspondence/send/initialize-correspondence.ts';
import { dueSweepers } from '../../server/features.ts';
import { untold } from '../untold.ts';
import { dayMillis, onTheWall } from './calendar.ts';
import { chanceFrom, concern, type Letter, makeYear, type Year } from './country.ts';
import { authority, move, pay, type Told, unlessRefused, type Visit, visitOf } from './people.ts';
import { openStage, type Stage } from './stage.ts';

export interface PlayedYear {
  /** What became of each letter, in the order of their numbers: the year itself. */
  readonly lines: readonly string[];
  /** SHA-256 of the lines. */
  readonly digest: string;
  readonly tally: ReadonlyMap<string, number>;
  readonly stops: number;
  readonly notices: number;
  /** Invariants that did not hold, and promises that were not kept. */
  readonly faults: readonly string[];
}

/**
 * What looks after the letters of the year, by what it has to be done for. What none of them asks for is left out: files, mailings, paper,
 * extracts, webhooks, logins.
 */
const sweepers = {
  rights: named('watch.sweep-versions'),
  dueDates: named('correspondence.pass-due-dates'),
  steps: named('watch.take-due-steps'),
  mail: named('notifications.deliver-mail'),
  sms: named('notifications.deliver-sms'),
  days: named('unread.make-due-statements'),
  /** At the end only: an invariant asks by the machine's clock, and on a slow machine the first events of the year are old by then. */
  events: named('subscriptions.tell-events'),
};

function named(name: string): AnySweeper {
  const found = dueSweepers.find((sweeper) => sweeper.name === name);
  if (!found) throw new Error(`There is no sweeper called ${name}.`);
  return found;
}

async function sweep(stage: Stage, what: keyof typeof sweepers): Promise<void> {
  while ((await sweepers[what].run(stage.ctx)) === 'more');
}

/** A day's statement is made a quarter of an hour after it. */
const settlingMillis = 15 * 60_000;

/** Plays a year from due time to due time: letters come, people act or do not, leave and come, and mail servers fail. */
export async function playYear(
  url: string,
  { seed, letters, span = ['2027-01-01', '2027-12-31'] }: { seed: number; letters: number; span?: readonly [string, string] },
): Promise<PlayedYear> {
  const plan = makeYear(seed, letters, span);
  const chance = chanceFrom(seed);
  const stage = await openStage(url, plan, (at) => plan.silences.some(([from, until]) => at >= from && at < until));
  try {
    const refused = new Map<number, string>();
    const [lettersAt, movesAt] = [Map.groupBy(plan.letters, ({ at }) => at), Map.groupBy(plan.moves, ({ at }) => at)];
    const passed = await pass(
      stage,
      plan,
      async (at, visits) => {
        const moves = movesAt.get(at) ?? [];
        for (const each of moves) await move(stage, plan.country, each);
        const come = (kind: Visit['kind']) => pay(stage, { ...plan, chance }, kind, visits);
        await come('grants'); // whom a letter finds hangs on who was let in
        const letters = (lettersAt.get(at) ?? []).map((letter) => sendLetter(stage, plan, letter, refused));
        await Promise.all([...letters, come('decides').then(() => come('reads'))]); // of what was there before
        return moves.length > 0 || visits.some(({ kind }) => kind === 'grants');
      },
      (told, at) => visitOf(chance, told, at),
    );
    return await tally(stage, plan, refused, passed);
  } finally {
    await stage.close();
  }
}

/** Months at whose beginning there is twice as much as when the tables were last looked at. */
const doublings = ['01', '02', '03', '05', '09'];

/** What people do at a time; whether anybody's rights have changed by it. */
type Act = (at: number, visits: readonly Visit[]) => Promise<boolean>;

interface Passed {
  readonly stops: number;
  /** Causes that had drifted from the facts. */
  readonly mended: number;
}

async function pass(stage: Stage, plan: Year, act: Act, answer: (told: Told, at: number) => Visit | undefined): Promise<Passed> {
  const times = [...new Set([...plan.letters, ...plan.moves].map(({ at }) => at))].sort((a, b) => a - b);
  const visits = new Map<number, Visit[]>();
  const seen = new Set<string>();
  const beside = createLane();
  let at = plan.begins;
  let date = '';
  let stated = '';
  let stops = 0;
  let mended = 0;
  const guardCauses = async () => {
    mended += (await compareCauses(stage.ctx)).mended;
  };
  for (; at <= plan.ends; stops += 1) {
    await stage.setClock(at);
    const changed = await act(
      at,
      (visits.get(at) ?? []).sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    );
    visits.delete(at);
    const today = onTheWall(at).date;
    const month = today.slice(0, 7);
    if (month !== date.slice(0, 7) && doublings.includes(month.slice(5))) await stage.analyze();
    // Nothing but a change of rights gives anybody an address here.
    if (changed || today !== date) {
      await sweep(stage, 'rights');
      await sweepCauses(stage.ctx);
    }
    // A cause changes with what changes it: the guard has nothing to mend, whenever it looks.
    if (today !== date && new Date(today).getUTCDay() === 1) beside.add(guardCauses);
    date = today;
    const { next, told } = await drain(stage);
    const isOver = onTheWall(at - settlingMillis).date;
    if (isOver !== stated) beside.add(() => sweep(stage, 'days'));
    stated = isOver;
    for (const each of firstTimeOf(told, seen)) {
      const visit = answer(each, at);
      if (visit) visits.set(visit.at, [...(visits.get(visit.at) ?? []), visit]);
    }
    const planned = times.find((time) => time > at) ?? Number.POSITIVE_INFINITY;
    at = Math.min(planned, next, ...visits.keys());
  }
  await beside.end();
  await stage.setClock(plan.ends);
  const last = async () => {
    for (const what of ['rights', 'dueDates', 'steps', 'mail', 'sms', 'days'] as const) await sweep(stage, what);
    await sweepCauses(stage.ctx);
    await guardCauses();
    await drain(stage);
  };
  await Promise.all([last(), sweep(stage, 'events')]);
  await sweep(stage, 'events');
  return { stops, mended };
}

const key = ({ kind, who, at_ }: Visit) => `${kind} ${at_} ${who}`;

/** What looks back, and on which nothing of the year hangs, goes on beside it as it does with workers: one thing at a time. */
function createLane(): { add(work: () => Promise<unknown>): void; end(): Promise<unknown> } {
  let last: Promise<unknown> = Promise.resolve();
  return {
    add(work) {
      last = last.then(work);
      last.catch(() => {}); // it is told of at the end
    },
    end: () => last,
  };
}

/** What comes next, and who was told at this time. */
interface Drained {
  readonly next: number;
  readonly told: readonly ToldRow[];
}

/**
 * All that is due is done. Whoever has nothing due is not asked: an installation's sweepers look in vain all the time, and here they would
 * do so at each of thousands of stops. The clock stands on whole milliseconds, and so does all that is due.
 */
async function drain(stage: Stage): Promise<Drained> {
  for (let round = 0; ; round += 1) {
    const { dues, told } = await look(stage, round > 0);
    const [dueDate, step, notice] = dues;
    const next = Math.min(...dues);
    const now = stage.now();
    if (next > now) return { next, told };
    if (round === 20) throw new Error(`What is due at ${new Date(next).toISOString()} is not done at ${new Date(now).toISOString()}`);
    const tell = async () => {
      if (step <= now) await sweep(stage, 'steps');
      const channels = step <= now || notice <= now ? await dueChannels(stage) : [];
      await Promise.all(channels.map((channel) => sweep(stage, channel)));
    };
    // A due date is told by events alone.
    await Promise.all([tell(), dueDate <= now && sweep(stage, 'dueDates')]);
  }
}

/** By which there is something to tell now. */
async function dueChannels({ reader, now }: Stage): Promise<('mail' | 'sms')[]> {
  const [mail, sms] = await Promise.all([nextNoticeDueAt(reader, 'email'), nextNoticeDueAt(reader, 'sms')]);
  const isDue = (at: Date | null) => at !== null && at.getTime() <= now();
  return [...(isDue(mail!) ? (['mail'] as const) : []), ...(isDue(sms!) ? (['sms'] as const) : [])];
}

/** Nobody is told before something was found to be due. */
async function look({ reader }: Stage, mayHaveTold: boolean): Promise<{ dues: [number, number, number]; told: readonly ToldRow[] }> {
  const [told, ...dues] = await Promise.all([
    mayHaveTold ? listTold(reader) : [],
    findNextDueDate(reader),
    nextStepDueAt(reader),
    nextNoticeDueAt(reader),
  ]);
  return { dues: dues.map((at) => at?.getTime() ?? Number.POSITIVE_INFINITY) as [number, number, number], told };
}

type ToldRow = Told & { readonly id: string };

function listTold(reader: Reader): Promise<ToldRow[]> {
  return reader.all<ToldRow>(sql`
    select n.id, n.purpose, w.number as who, coalesce(p.number, w.number) as party
      from notifications.notice n join register.party w on w.id = n.to_id left join register.party p on p.id = n.party_id
     where n.state = 'handed-over' and n.changed_at = clock.now()
     order by w.number, p.number, n.purpose, n.channel`);
}

function firstTimeOf(told: readonly ToldRow[], seen: Set<string>): Told[] {
  const fresh = told.filter(({ id }) => !seen.has(id));
  for (const { id } of fresh) seen.add(id);
  const once = new Map(fresh.map((each) => [`${each.purpose} ${each.who} ${each.party}`, each]));
  return [...once.values()];
}

async function sendLetter({ ctx, ...stage }: Stage, { country }: Year, letter: Letter, refused: Map<number, string>): Promise<void> {
  const refusal = await unlessRefused(() =>
    initializeCorrespondence(ctx, authority({ ctx, ...stage }, country[letter.sender].number), {
      files: [],
      body: {
        correspondence: {
          resourceId: letter.resource,
          sendersReference: String(letter.n).padStart(6, '0'),
          isConfirmationNeeded: letter.confirm,
          isConfidential: letter.resource === concern,
          ...(letter.confirm ? { dueDateTime: new Date(letter.at + 14 * dayMillis).toISOString() } : {}),
          content: { language: 'nb', messageTitle: 'Brev', messageBody: 'Les dette.' },
        },
        recipients: [`urn:altinn:${letter.toPerson ? 'person' : 'organization'}:identifier-no:${letter.to}`],
      },
    } as never),
  );
  if (refusal) refused.set(letter.n, `refused ${refusal.row.code}`);
}

async function tally(
  stage: Stage,
  { letters, ends }: Year,
  refused: ReadonlyMap<number, string>,
  { stops, mended }: Passed,
): Promise<PlayedYear> {
  const rows = await stage.ctx.db.all<{ n: string; became: string; at: Date | null; told: boolean; age: number; steps: string }>(sql`
    select s.senders_reference as n, coalesce(i.outcome, 'open, ' || i.class) as became, i.settled_at as at, i.told_at is not null as told,
           extract(epoch from clock.now() - i.published_at)::float8 / 86400 as age,
           (select string_agg(t.name || ' ' || t.state || coalesce(' ' || t.reason, '') || ' ' || (extract(epoch from t.due_at) / 60)::bigint, ', ' order by t.due_at, t.name)
              from watch.step t where t.about = i.about) as steps
      from watch.item i join correspondence.message m on m.id = i.about join correspondence.submission s on s.id = m.submission_id`);
  const found = new Map(rows.map((row) => [Number(row.n), row]));
  const faults: string[] = [];
  const lines: string[] = [];
  const counts = new Map<string, number>();
  for (const { n } of letters.toSorted((a, b) => a.n - b.n)) {
    const row = found.get(n);
    const became = row?.became ?? refused.get(n) ?? 'lost';
    if (became === 'lost') faults.push(`letter ${n} was accepted and is not watched`);
    if (row && row.at === null && row.age > 9 && !row.told)
      faults.push(`letter ${n} has lain for ${Math.floor(row.age)} days and its sender was not told`);
    const lay = row && row.age - (row.at ? (ends - row.at.getTime()) / dayMillis : 0);
    if (lay && lay > 9 && row.steps.includes('notify done') && !row.steps.includes('remind '))
      faults.push(`letter ${n} lay for ${Math.floor(lay)} days and nobody was reminded`);
    counts.set(became, (counts.get(became) ?? 0) + 1);
    lines.push(`${n} ${became} ${row?.at?.toISOString() ?? '-'} ${row?.steps ?? ''}`);
  }
  if (mended > 0) faults.push(`${mended} causes were not what the facts gave`);
  for (const { name, find } of stage.ctx.invariants) {
    const broken = await stage.ctx.db.all(find);
    if (broken.length > 0) faults.push(`${broken.length} rows break "${name}" at ${new Date(ends).toISOString()}`);
  }
  const brokenDays = (await stage.ctx.db.pool.query<{ day: string }>(`select day::text from unread.statement where broken <> '{}'`)).rows;
  for (const { day } of brokenDays) faults.push(`a statement of ${day} does not add up`);
  const untoldSteps = (await stage.ctx.db.pool.query<{ step: string; kind: string }>(untold)).rows;
  for (const { step, kind } of untoldSteps) faults.push(`a step "${step}" says that it told ${kind}, and there is no notice of it`);
  const { notices } = await stage.ctx.db.one<{ notices: number }>(sql`select count(*)::int as notices from notifications.notice`);
  const digest = createHash('sha256').update(lines.join('\n')).digest('hex');
  return { lines, digest, tally: counts, stops, notices, faults };
}
