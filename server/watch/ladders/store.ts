import type { Actor } from '#evidence/index.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { StepSpec } from '../types.ts';
import type { LadderLimits } from './limits.ts';

export interface StoredLadder {
  readonly id: string;
  readonly version: number;
  readonly owner: PartyId | null;
  /** Of one message alone. */
  readonly message: string | null;
  readonly isDraft: boolean;
  readonly fact: string | null;
  readonly factFrom: string | null;
  readonly steps: readonly StepSpec[];
  readonly madeAt: Date;
  /** Null: it came with the program, or was written before this was kept. */
  readonly madeBy: Actor | null;
}

const columns = sql`l.id, l.version, l.owner_id as owner, l.message_id as message, l.is_draft as "isDraft", l.fact, l.fact_from as "factFrom",
       l.steps, l.made_at as "madeAt", l.made_by as "madeBy"`;

/** One writer of a ladder at a time; held until the transaction ends. */
export async function lockLadder(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended('watch ladder ' || ${id}, 0))`);
}

/** The newest version, or the one named. index: the primary key */
export function findLadder(reader: Reader, id: string, version?: number): Promise<StoredLadder | undefined> {
  const which = version === undefined ? sql`` : sql`and l.version = ${version}`;
  return reader.maybe<StoredLadder>(sql`
    select ${columns} from watch.ladder l where l.id = ${id} ${which} order by l.version desc limit 1`);
}

/** Newest first. index: the primary key */
export function listVersions(reader: Reader, id: string, limit: number): Promise<StoredLadder[]> {
  return reader.all<StoredLadder>(sql`select ${columns} from watch.ladder l where l.id = ${id} order by l.version desc limit ${limit}`);
}

/** The newest version of presets, drafts and those of one owner, by id. index: ladder_owner */
export function listLadders(reader: Reader, owner: PartyId | null, after: string, limit: number): Promise<StoredLadder[]> {
  return reader.all<StoredLadder>(sql`
    select distinct on (l.id) ${columns} from watch.ladder l
     where l.message_id is null and (l.owner_id is null or l.owner_id = ${owner}::uuid) and l.id > ${after}
     order by l.id, l.version desc limit ${limit}`);
}

export async function countLadders(reader: Reader, owner: PartyId): Promise<number> {
  const { n } = await reader.one<{ n: number }>(
    sql`select count(distinct id)::integer as n from watch.ladder where owner_id = ${owner} and message_id is null`,
  );
  return n;
}

export interface NewVersion {
  readonly id: string;
  readonly version: number;
  readonly owner: PartyId;
  readonly message: string | null;
  readonly steps: readonly StepSpec[];
  readonly at: Date;
  readonly by: Actor;
}

export async function saveLadder(tx: Tx, { id, version, owner, message, steps, at, by }: NewVersion): Promise<void> {
  await tx.run(sql`
    insert into watch.ladder (id, version, owner_id, message_id, steps, made_at, made_by)
    values (${id}, ${version}, ${owner}, ${message}, ${JSON.stringify(steps)}::jsonb, ${at}, ${JSON.stringify(by)}::jsonb)`);
}

/** When each step falls due for something published then, in the order in which they do. Postgres counts, as it does for watches. */
export function planSteps(
  reader: Reader,
  steps: readonly StepSpec[],
  publishedAt: Date,
): Promise<{ n: number; dueAt: Date; dueOn: string }[]> {
  return reader.all(sql`
    select s.n, s.due_at as "dueAt", (s.due_at at time zone 'Europe/Oslo')::date::text as "dueOn"
      from (select e.n::integer - 1 as n,
                   watch.step_due_at(${publishedAt}, (e.spec ->> 'after')::interval, coalesce((e.spec ->> 'workingDays')::boolean, false)) as due_at
              from jsonb_array_elements(${JSON.stringify(steps)}::jsonb) with ordinality as e (spec, n)) s
     order by s.due_at, s.n`);
}

/** index: the primary key */
export async function findLimits(reader: Reader, resource: ResourceId): Promise<LadderLimits | null> {
  const row = await reader.maybe<{ limits: LadderLimits }>(sql`select limits from watch.ladder_limit where resource_id = ${resource}`);
  return row?.limits ?? null;
}

export async function saveLimits(tx: Tx, resource: ResourceId, limits: LadderLimits | null, at: Date): Promise<void> {
  if (limits === null) {
    await tx.run(sql`delete from watch.ladder_limit where resource_id = ${resource}`);
    return;
  }
  await tx.run(sql`
    insert into watch.ladder_limit (resource_id, limits, changed_at) values (${resource}, ${JSON.stringify(limits)}::jsonb, ${at})
    on conflict (resource_id) do update set limits = excluded.limits, changed_at = excluded.changed_at`);
}

export interface Choice {
  readonly id: string;
  readonly ladder: string;
  readonly limits: LadderLimits | null;
  readonly who: Actor;
  readonly at: Date;
}

export async function saveChoice(tx: Tx, resource: ResourceId, { id, ladder, limits, who, at }: Choice): Promise<void> {
  await tx.run(sql`
    insert into watch.ladder_choice (id, resource_id, ladder, limits, who, at)
    values (${id}, ${resource}, ${ladder}, ${limits && JSON.stringify(limits)}::jsonb, ${JSON.stringify(who)}::jsonb, ${at})`);
}

/** Newest first, those before `before`. index: ladder_choice_resource */
export function listChoices(reader: Reader, resource: ResourceId, before: string | null, limit: number): Promise<Choice[]> {
  const older = before === null ? sql`` : sql`and id < ${before}::uuid`;
  return reader.all<Choice>(sql`
    select id, ladder, limits, who, at from watch.ladder_choice where resource_id = ${resource} ${older} order by id desc limit ${limit}`);
}

/** From now on the watch climbs another ladder; what was planned of the one before it is called off, where it had begun. */
export async function changeLadderOf(
  tx: Tx,
  { about, party, at }: { readonly about: string; readonly party: PartyId; readonly at: Date },
  { id, version }: Pick<StoredLadder, 'id' | 'version'>,
): Promise<void> {
  await tx.run(sql`
    update watch.item set ladder = ${id}, ladder_version = ${version}, ladder_turn = ladder_turn + case when published_at is null then 0 else 1 end
     where about = ${about} and party_id = ${party}`);
  await tx.run(sql`
    update watch.step set state = 'cancelled', reason = 'ladder-changed', changed_at = ${at}
     where about = ${about} and party_id = ${party} and state = 'due' and (rank is not null or name = 'await-decision')`);
}
