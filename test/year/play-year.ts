import { createHash } from 'node:crypto';
import { sql } from '#kernel/database.ts';
import { initializeCorrespondence } from '../../server/correspondence/send/initialize-correspondence.ts';
import { dueSweepers } from '../../server/features.ts';
import { findNextDue } from '../../server/sandbox/clock/next-due.ts';
import { dayMillis } from './calendar.ts';
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

/** What no letter of the year asks for is left out: files, mailings, reports, webhooks, logins. */
const sweepers = dueSweepers.filter(
  ({ name }) => !/^(statistics|subscriptions|broker|mailings|session)\.|scans|uploads|logins|forwards|kept|attachments/.test(name),
);

/** Plays a year from due time to due time: letters come, people act or do not, leave and come, and mail servers fail. */
export async function playYear(
  url: string,
  { seed, letters, span = ['2027-01-01', '2027-12-31'] }: { seed: number; letters: number; span?: readonly [string, string] },
): Promise<PlayedYear> {
  const plan = makeYear(seed, letters, span);
  const chance = chanceFrom(seed);
  const stage = await openStage(url, plan.country, (at) => plan.silences.some(([from, until]) => at >= from && at < until));
  try {
    const refused = new Map<number, string>();
    const stops = await pass(
      stage,
      plan,
      async (at, told) => {
        await Promise.all(takeWhile(plan.letters, at).map((letter) => sendLetter(stage, plan, letter, refused)));
        for (const each of plan.moves.filter((one) => one.at === at)) await move(stage, plan.country, each);
        for (const visit of told) await pay(stage, plan.country, chance, visit);
      },
      (told, at) => visitOf(chance, told, at),
    );
    return await tally(stage, plan, refused, stops);
  } finally {
    await stage.close();
  }
}

type Act = (at: number, visits: readonly Visit[]) => Promise<void>;

async function pass(stage: Stage, plan: Year, act: Act, answer: (told: Told, at: number) => Visit | undefined): Promise<number> {
  const times = [...new Set([...plan.letters, ...plan.moves].map(({ at }) => at))].sort((a, b) => a - b);
  const visits = new Map<number, Visit[]>();
  const seen = new Set<string>();
  let at = plan.begins;
  let stops = 0;
  for (; at <= plan.ends; stops += 1) {
    await stage.setClock(at);
    await act(
      at,
      (visits.get(at) ?? []).sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    );
    visits.delete(at);
    const next = await drain(stage);
    for (const told of await listTold(stage, seen)) {
      const visit = answer(told, at);
      if (visit) visits.set(visit.at, [...(visits.get(visit.at) ?? []), visit]);
    }
    const due = next === null ? Number.POSITIVE_INFINITY : next.getTime() + 1;
    const planned = times.find((time) => time > at) ?? Number.POSITIVE_INFINITY;
    at = Math.min(planned, due, ...visits.keys());
  }
  await stage.setClock(plan.ends);
  await drain(stage);
  return stops;
}

const key = ({ kind, who, at_ }: Visit) => `${kind} ${at_} ${who}`;

/** All that is due is done; says what comes next. */
async function drain(stage: Stage): Promise<Date | null> {
  for (let round = 0; ; round += 1) {
    for (const sweeper of sweepers) while ((await sweeper.run(stage.ctx)) === 'more');
    const next = await findNextDue(stage.ctx.db);
    if (!next || next.at.getTime() > stage.now()) return next?.at ?? null;
    if (round === 20) throw new Error(`${next.kind} of ${next.at.toISOString()} is not done at ${new Date(stage.now()).toISOString()}`);
  }
}

async function listTold(stage: Stage, seen: Set<string>): Promise<Told[]> {
  const rows = await stage.ctx.db.all<Told & { id: string }>(sql`
    select n.id, n.purpose, w.number as who, coalesce(p.number, w.number) as party
      from notifications.notice n join register.party w on w.id = n.to_id left join register.party p on p.id = n.party_id
     where n.state = 'handed-over' and n.changed_at = clock.now()
     order by w.number, p.number, n.purpose, n.channel`);
  const fresh = rows.filter(({ id }) => !seen.has(id));
  for (const { id } of fresh) seen.add(id);
  const once = new Map(fresh.map((told) => [`${told.purpose} ${told.who} ${told.party}`, told]));
  return [...once.values()];
}

const takeWhile = (letters: readonly Letter[], at: number): Letter[] => letters.filter((letter) => letter.at === at);

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

async function tally(stage: Stage, { letters, ends }: Year, refused: ReadonlyMap<number, string>, stops: number): Promise<PlayedYear> {
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
    counts.set(became, (counts.get(became) ?? 0) + 1);
    lines.push(`${n} ${became} ${row?.at?.toISOString() ?? '-'} ${row?.steps ?? ''}`);
  }
  for (const { name, find } of stage.ctx.invariants) {
    const broken = await stage.ctx.db.all(find);
    if (broken.length > 0) faults.push(`${broken.length} rows break "${name}" at ${new Date(ends).toISOString()}`);
  }
  const { notices } = await stage.ctx.db.one<{ notices: number }>(sql`select count(*)::int as notices from notifications.notice`);
  const digest = createHash('sha256').update(lines.join('\n')).digest('hex');
  return { lines, digest, tally: counts, stops, notices, faults };
}
