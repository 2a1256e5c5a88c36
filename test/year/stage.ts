import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announceAccessChanges, configureAccess, saveGrants, saveResources, saveRoleAssignments, seedAccess } from '#access/index.ts';
import { createDiskBlobs } from '#blobs/index.ts';
import { createSending } from '#correspondence/index.ts';
import { createDatabase, type Database } from '#db/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import type { HandOver } from '#notifications/index.ts';
import { partiesByNumber, saveContactPoints, saveParties } from '#register/index.ts';
import { simulatedScanner } from '#scanning/index.ts';
import { readConfig } from '../../server/config.ts';
import { connectFeatures, type Everything, invariants } from '../../server/features.ts';
import { openAsker } from './asker.ts';
import { type Country, concern, letters, type Organization, type Person, summons, type Year } from './country.ts';

/** What the year is played on: the server's own parts in one process, on a clock that stands still until it is set. */
export interface Stage {
  readonly ctx: Everything & { readonly db: Database };
  /** Ids in the register by number. */
  readonly partyOf: ReadonlyMap<string, PartyId>;
  now(): number;
  setClock(at: number): Promise<void>;
  /** For what the year itself wants to know. */
  readonly reader: Reader;
  /** Looks at the tables as autovacuum would, had it a year, and clears what is dead in them. */
  analyze(): Promise<void>;
  close(): Promise<void>;
}

export const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';

/** How many people act at a time. */
export const atOnce = 4;

/** Opened at the beginning of the year. `isSilent`: no mail server answers at that time. Addresses at `dead.example` are nobody's. */
export async function openStage(url: string, { country, begins }: Year, isSilent: (at: number) => boolean): Promise<Stage> {
  // Two cores have no use for more, and each connection makes every plan anew.
  const db = createDatabase({ url, maxConnections: atOnce + 1, applicationName: 'budstikke year' });
  const folder = await mkdtemp(join(tmpdir(), 'budstikke-year-'));
  await freeze(db);
  let now = 0;
  const clock = { now: () => new Date(now) };
  const base = { db, now: clock.now, log: silentLog };
  const setClock = async (at: number) => {
    now = at;
    await db.pool.query('update clock.shift set by = make_interval(secs => $1)', [at / 1000]);
  };
  const answer = (address: string): HandOver => {
    if (isSilent(now)) return { kind: 'later', answer: 'no mail server answers' };
    if (address.endsWith('@dead.example')) return { kind: 'refused', answer: '550 no such user', reason: 'address-rejected' };
    return { kind: 'handed-over', answer: '250 ok' };
  };
  const played = {
    ...base,
    blobs: createDiskBlobs({ directory: folder, db }),
    scanner: simulatedScanner,
    sending: createSending(db),
    minimumAttachmentDays: 1,
    approvalNeeded: false,
    mail: { send: async ({ to }: { to: string }) => answer(to) },
    sms: { send: async ({ to }: { to: string }) => answer(to) },
    mailFrom: 'Budstikke <post@budstikke.example>',
    publicUrl: 'https://post.example.no',
    addresses: { inbox: 'https://post.example.no', console: 'https://post.example.no' },
    invariants,
  };
  const ctx = played as unknown as Everything & { readonly db: Database };
  configureAccess({ ownerReads: false });
  connectFeatures(readConfig({}));
  await setClock(begins); // before anybody is known: an address that was confirmed in 1970 is not written to
  await seedAccess(base);
  const partyOf = await settle(db, country);
  const asker = await openAsker(url);
  const analyze = () => lookAt(db);
  const close = async () => {
    await asker.close();
    await db.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ctx, partyOf, now: () => now, setClock, reader: asker.reader, analyze, close };
}

/** At those that have changed since, and at a tenth of the usual rows, which tell as much of tables so small. */
async function lookAt(db: Database): Promise<void> {
  const client = await db.pool.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      'select relid::regclass::text as name from pg_stat_user_tables where n_mod_since_analyze > 0 or last_analyze is null order by 1',
    );
    await client.query('set default_statistics_target = 10');
    if (rows.length > 0) await client.query(`vacuum (analyze) ${rows.map(({ name }) => name).join(', ')}`);
    await client.query('reset default_statistics_target');
  } finally {
    client.release();
  }
}

/**
 * Domain time is what it was set to, however long the work takes: the same year has the same instants on every machine. The index is for the
 * year alone, which asks at each stop who was told at it.
 */
async function freeze(db: Database): Promise<void> {
  await db.pool.query(`
    create or replace function clock.now() returns timestamptz language sql stable parallel safe
      as $$ select timestamptz 'epoch' + (select by from clock.shift) $$`);
  await db.pool.query(`create index year_told on notifications.notice (changed_at) where state = 'handed-over'`);
}

async function settle(db: Database, { police, tax, organizations, citizens }: Country): Promise<Map<string, PartyId>> {
  const people = [...citizens, ...organizations.flatMap(({ manager, staff }) => (manager ? [manager, ...staff] : []))];
  const units = [police, tax, ...organizations];
  await db.transaction(async (tx) => {
    saveParties(tx, [
      ...units.map(({ number, name }) => ({ kind: 'organization' as const, number, name, unitType: 'KOMM' })),
      ...people.map(({ number, name, reserved }) => ({ kind: 'person' as const, number, name, reserved })),
    ]);
  });
  const parties = await partiesByNumber(
    db,
    [...units, ...people].map(({ number }) => number),
  );
  const partyOf = new Map([...parties].map(([number, { id }]) => [number, id]));
  const of = ({ number }: Organization | Person) => partyOf.get(number)!;
  await db.transaction(async (tx) => {
    saveContactPoints(tx, [
      ...units.map((each) => ({ party: of(each), points: each.email ? [{ channel: 'email' as const, address: each.email }] : [] })),
      ...people.map((each) => ({
        party: of(each),
        points: [
          ...(each.email ? [{ channel: 'email' as const, address: each.email }] : []),
          ...(each.mobile ? [{ channel: 'sms' as const, address: each.mobile }] : []),
        ],
      })),
    ]);
    saveRoleAssignments(
      tx,
      organizations.flatMap((each) => (each.manager ? [{ holder: of(each.manager), role: 'DAGL', at: of(each) }] : [])),
    );
    const resource = (id: string, owner: Organization, name: string, readers?: readonly string[]) => ({
      id: id as ResourceId,
      type: 'CorrespondenceService' as const,
      owner: of(owner),
      title: { nb: name, nn: name, en: name },
      ...(readers ? { readers } : {}),
    });
    saveResources(tx, [
      resource(concern, police, 'Bekymringsmelding', [`package:${confidentialPackage}`]),
      resource(summons, tax, 'Innkalling'),
      resource(letters, tax, 'Brev'),
    ]);
    // Six in ten municipalities have let somebody open confidential post.
    saveGrants(
      tx,
      organizations.flatMap((each, i) =>
        each.staff[0] && i % 10 < 6 ? [{ at: of(each), to: of(each.staff[0]), package: confidentialPackage }] : [],
      ),
    );
    await announceAccessChanges(tx);
  });
  return partyOf;
}
