import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, writeFile as writePlain } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { may, onAccessChanged, replaceClientDelegations, saveResources, saveRoleAssignments, seedAccess } from '#access/index.ts';
import { createCopying } from '#db/index.ts';
import { listEvidence } from '#evidence/index.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { StartError } from '#kernel/start-error.ts';
import { partiesByNumber, saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../test/database.ts';
import { type ImportOptions, importRegister } from './import-register.ts';
import { readRoles } from './read-roles.ts';
import { readUnit } from './read-unit.ts';
import { findAddresses } from './store/unit.ts';
import { heldBy, numbersFrom, rolesAt, subunit, unit, writeFile, writeRegister } from './testing/generate.ts';

const { db, ctx: base, url } = await createTestDatabase();
const copying = createCopying({ url, maxConnections: 1 });
const folder = await mkdtemp(join(tmpdir(), 'budstikke-register-'));
after(async () => {
  await copying.close();
  await rm(folder, { recursive: true, force: true });
});
const ctx = { ...base, copying };
await seedAccess(ctx);
const told: PartyId[] = [];
onAccessChanged.fill(async (_tx, parties) => void told.push(...parties));

const numbers = numbersFrom();
const next = () => numbers.next().value as string;
const [main, accountant, other, branch, child] = [next(), next(), next(), next(), next()] as [string, string, string, string, string];
const quiet = { show: () => {}, end: () => {} };
const read = (files: ImportOptions['files'], more: Partial<ImportOptions> = {}) =>
  importRegister(ctx, { files, isDryRun: false, acceptLoss: false, progress: quiet, signal: new AbortController().signal, ...more });
let count = 0;
async function file(items: Iterable<object>): Promise<string> {
  const path = join(folder, `${++count}.json.gz`);
  await writeFile(path, items);
  return path;
}

async function agentOfAccountant(): Promise<PartyId> {
  const number = '06815912304';
  await db.transaction(async (tx) => saveParties(tx, [{ kind: 'person', number, name: 'Alf Agent' }]));
  return (await partyOf(number)).id;
}
const partyOf = async (number: string) => (await partiesByNumber(db, [number])).get(number)!;
const rolesOf = async (number: string) =>
  (
    await db.pool.query<{ role: string; holder: string; source: string }>(
      `select r.role, h.number as holder, r.source from access.role_assignment r join register.party a on a.id = r.at_id
         join register.party h on h.id = r.holder_id where a.number = $1 order by 1, 2`,
      [number],
    )
  ).rows;
const versionOf = async (number: string) =>
  Number(
    (
      await db.pool.query('select version from access.party_version v join register.party p on p.id = v.party_id where p.number = $1', [
        number,
      ])
    ).rows[0]?.version ?? 0,
  );
/** Every row of parties and roles with the transaction that wrote it. */
const stamp = async () =>
  (
    await db.pool.query(`select 'p' || id as id, xmin::text from register.party union all
      select 'r' || holder_id || at_id || role, xmin::text from access.role_assignment union all
      select 'u' || number, xmin::text from enhetsregister.unit union all
      select 'v' || party_id, xmin::text from access.party_version order by 1`)
  ).rows;

const units = (...more: object[]) => [unit(main, 1), unit(accountant, 2, { overordnetEnhet: other }), unit(other, 8), ...more];
const subs = [subunit(branch, 1, main)];
const roles = [
  rolesAt(
    main,
    heldBy.organization('REGN', accountant),
    heldBy.person('DAGL', '1971-03-02'),
    heldBy.organization('FINNESIKKE', accountant),
  ),
];

test('given the three files, when they are read in, then organizations, what belongs to which, languages, addresses and roles stand', async () => {
  await db.transaction(async (tx) =>
    saveParties(tx, [{ kind: 'organization', number: main, name: 'Et annet navn', orgCode: 'kode', implicit: true }]),
  );
  const counts = await read({
    units: await file(units({ organisasjonsnummer: '123456789', navn: 'X' }, {}, { organisasjonsnummer: main })),
    subunits: await file(subs),
    roles: await file(roles),
  });

  const [one, sub, belonging, plain] = [await partyOf(main), await partyOf(branch), await partyOf(accountant), await partyOf(other)];
  assert.deepEqual([one.name, one.unitType, one.orgCode, one.language, one.alive], ['FORETAK 1 AS', 'AS', 'kode', 'nb', true]);
  assert.deepEqual([sub.name, sub.unitType, sub.parentId], ['AVDELING 1', 'BEDR', one.id]);
  assert.equal(belonging.parentId, plain.id, 'also where the main unit comes later in the file');
  assert.equal(plain.language, 'nn');
  assert.deepEqual(await rolesOf(main), [{ role: 'regnskapsforer', holder: accountant, source: 'ccr' }]);
  assert.deepEqual((await findAddresses(db, [main, branch])).get(branch), {
    business: { lines: ['Storgata 1'], postalCode: '3715', place: 'SKIEN', municipality: '4003', country: 'NO' },
    postal: { lines: ['Postboks 1'], postalCode: '3715', place: 'SKIEN', municipality: '4003', country: 'NO' },
  });
  const { added, changed, unreadable, personsUnnamed, rolesOfUnknownKind, rolesAdded } = counts;
  assert.deepEqual(
    { added, changed, unreadable, personsUnnamed, rolesOfUnknownKind, rolesAdded },
    { added: 3, changed: 2, unreadable: 3, personsUnnamed: 1, rolesOfUnknownKind: 1, rolesAdded: 1 },
  );
  assert.ok(told.includes(one.id), 'whoever watches is told');
  const { rows } = await db.pool.query(
    'select (select count(*)::int from enhetsregister.staged_unit) as u, (select count(*)::int from enhetsregister.staged_role) as r',
  );
  assert.deepEqual(rows, [{ u: 0, r: 0 }], 'what was staged is gone, days of birth with it');
});

test('given the same again, when it is read in, then no row is written and nobody is told', async () => {
  const before = await stamp();
  told.length = 0;
  await read({ units: await file(units()), subunits: await file(subs), roles: await file(roles) });
  assert.deepEqual(await stamp(), before);
  assert.deepEqual(told, []);
});

test('given another name and another form, when they are read in, then access has another version only where the form is another', async () => {
  const before = [await versionOf(other), await versionOf(main)];
  const changed = [
    unit(main, 1, { organisasjonsform: { kode: 'ANS' } }),
    unit(accountant, 2, { overordnetEnhet: other }),
    unit(other, 8, { navn: 'NYTT NAVN AS' }),
  ];
  const counts = await read({ units: await file(changed) });
  assert.deepEqual([counts.changed, counts.added, counts.deregistered], [2, 0, 0]);
  assert.equal((await partyOf(other)).name, 'NYTT NAVN AS');
  assert.equal(await versionOf(other), before[0]);
  assert.ok((await versionOf(main)) > before[1]!);
});

test('given a dry run, when it is over, then it has told what would change and nothing has', async () => {
  const files = { units: await file(units(unit(child, 5))), subunits: await file([]), roles: await file([]) };
  const before = await stamp();
  const counts = await read(files, { isDryRun: true });
  assert.deepEqual([counts.added, counts.changed, counts.deregistered, counts.rolesEnded], [1, 2, 1, 1]);
  assert.deepEqual(await stamp(), before);
});

test('given organizations and roles that the files no longer have, when they are read in, then they are closed and ended, and come back with them', async () => {
  const town = await partyOf(other);
  await db.transaction(async (tx) => saveRoleAssignments(tx, [{ holder: town.id, role: 'REVI', at: (await partyOf(main)).id }]));
  const [client, provider, agent] = [(await partyOf(main)).id, (await partyOf(accountant)).id, await agentOfAccountant()];
  await db.transaction(async (tx) => {
    saveRoleAssignments(tx, [{ holder: agent, role: 'agent', at: provider }]);
    replaceClientDelegations(tx, [{ client, provider, agent, packages: ['regnskapsforer-lonn'] }]);
  });
  const version = await versionOf(main);
  const counts = await read({ units: await file(units()), subunits: await file([]), roles: await file([]) });
  assert.deepEqual([counts.deregistered, counts.rolesEnded], [1, 1]);
  assert.equal((await partyOf(branch)).alive, false);
  assert.deepEqual(
    (await rolesOf(main)).map(({ role }) => role),
    ['revisor'],
    'what others gave stays',
  );
  assert.ok((await versionOf(main)) > version);

  const back = await read({ subunits: await file(subs), roles: await file(roles) });
  assert.deepEqual([back.restored, back.rolesAdded, (await partyOf(branch)).alive], [1, 1, true]);
  const { rows: acting } = await db.pool.query('select 1 from access.client_delegation where agent_id = $1 and revoked_at is null', [
    agent,
  ]);
  assert.deepEqual(
    [acting.length, (await listEvidence(db, [agent])).map(({ event, core }) => `${event} ${core.cause}`)],
    [0, ['AccessRevoked provider-lost-it']],
    'the agent of an accountant that comes back has nothing by it',
  );
  const later = await read({ subunits: await file([subunit(branch, 1, main, { nedleggelsesdato: '2999-01-02' })]) });
  assert.deepEqual([later.deregistered, (await partyOf(branch)).alive], [0, true], 'not before its day');
  const dated = await read({ subunits: await file([subunit(branch, 1, main, { nedleggelsesdato: '2026-01-02' })]) });
  assert.equal(dated.deregistered, 1);
  const { rows } = await db.pool.query<{ deleted_at: Date }>('select deleted_at from register.party where number = $1', [branch]);
  assert.equal(rows[0]!.deleted_at.toISOString(), '2026-01-02T00:00:00.000Z');
  await read({ subunits: await file(subs) });
});

test('given a file that names persons by number, when it is read in, then they hold their roles; by a day of birth they keep them, and with another day lose them', async () => {
  const kari = '14886498226';
  await read({ roles: await file([rolesAt(main, heldBy.person('DAGL', '1964-08-14', {}, { fodselsnummer: kari }))]) });
  assert.deepEqual(
    (await rolesOf(main)).map(({ role, holder }) => [role, holder]),
    [
      ['daglig-leder', kari],
      ['revisor', other],
    ],
  );
  assert.equal((await partyOf(kari)).name, 'Kari Mellom Nordmann');

  await read({ roles: await file([rolesAt(main, heldBy.person('DAGL', '1964-08-14'))]) });
  assert.equal((await rolesOf(main)).length, 2, 'the same day of birth');
  const ended = await read({ roles: await file([rolesAt(main, heldBy.person('DAGL', '1964-08-15'))]) });
  assert.equal(ended.rolesEnded, 1);
});

test('given only a name and a day of birth, when the role is read in, then nobody may open anything by it, whoever was born that day', async () => {
  const kari = await partyOf('14886498226');
  const owner = await partyOf(other);
  const id = 'register-post' as ResourceId;
  const title = { nb: 'Post', nn: 'Post', en: 'Mail' };
  await db.transaction(async (tx) => saveResources(tx, [{ id, type: 'CorrespondenceService', owner: owner.id, title, readers: ['DAGL'] }]));
  const at = await partyOf(main);
  const caller = {
    kind: 'person',
    issuer: 'idporten',
    subject: kari.id,
    party: kari.id,
    consumer: null,
    scopes: new Set<string>(),
    authLevel: 4,
    clientId: null,
  } as const;
  const permit = async () => (await may(db, caller, { action: 'read', resource: id, party: at.id })).permit;
  await read({ roles: await file([rolesAt(main, heldBy.person('DAGL', '1964-08-14'))]) });
  assert.equal(await permit(), false);
  await read({ roles: await file([rolesAt(main, heldBy.person('DAGL', '1964-08-14', {}, { fodselsnummer: kari.number! }))]) });
  assert.equal(await permit(), true);
});

test('given roles that were left, of the dead and of the deleted, when they are read in, then nobody holds them', async () => {
  const left = [
    heldBy.organization('REGN', accountant, { fratraadt: true }),
    heldBy.organization('REVI', accountant, { avregistrert: true }),
    heldBy.person('LEDE', '1964-08-14', {}, { erDoed: true, fodselsnummer: '14886498226' }),
    { type: { kode: 'MEDL' }, enhet: { organisasjonsnummer: accountant, erSlettet: true } },
  ];
  await read({ roles: await file([rolesAt(main, ...left)]) });
  assert.deepEqual(
    (await rolesOf(main)).map(({ role, source }) => [role, source]),
    [['revisor', 'town']],
  );
});

test('given items of any shape, when they are taken apart, then nothing is thrown, and what has no number is left out', () => {
  const shapes = { organisasjonsnummer: fc.constantFrom(main, '123456789', 7, null), navn: fc.constantFrom('X', '', '\u0000', 3) };
  const item = fc.oneof(
    fc.jsonValue(),
    fc.record({ ...shapes, organisasjonsform: fc.jsonValue(), rollegrupper: fc.jsonValue(), postadresse: fc.jsonValue() }),
  );
  fc.assert(
    fc.property(item, (one) => {
      const [unitRead, rolesRead] = [readUnit(one, 'main'), readRoles(one)];
      return (
        (!unitRead || (unitRead.number === main && unitRead.name !== '')) && (!rolesRead || rolesRead.every((role) => role.at === main))
      );
    }),
  );
});

test('given files that cannot be read, when they are read in, then it says which and why, and no party has changed', async () => {
  const good = await file(units());
  const cut = await file(Array.from({ length: 3_000 }, (_, i) => unit(main, i, { navn: `CUT ${i}` })));
  await truncate(cut, (await readFile(cut)).length - 500);
  const paths = { object: join(folder, 'object.json'), broken: join(folder, 'broken.json'), empty: join(folder, 'empty.json') };
  await writePlain(paths.object, '{"organisasjonsnummer": "1"}');
  await writePlain(paths.broken, '[{"organisasjonsnummer": "1"}, {');
  await writePlain(paths.empty, '');
  const before = await stamp();
  for (const [path, says] of [
    [join(folder, 'none.json'), /ENOENT/],
    [folder, /EISDIR/],
    [cut, /cut off/],
    [paths.object, /whole JSON array/],
    [paths.broken, /whole JSON array/],
    [paths.empty, /whole JSON array/],
  ] as const)
    await assert.rejects(
      read({ units: good, roles: path }),
      (error) => error instanceof StartError && says.test(error.message) && error.message.includes(path),
      path,
    );
  await assert.rejects(read({}), /no file/);
  assert.deepEqual(await stamp(), before);
});

test('given ten thousand units, when the run is broken off, then the same goes on from there; a file that lacks them is refused, and two at once are', async () => {
  const files = await writeRegister(folder, 10_000);
  const stopped = new AbortController();
  let shown = 0;
  const progress = {
    show: (what: string) => void (what === 'main units' && ++shown === 1 && stopped.abort(new Error('stopped'))),
    end: () => {},
  };
  await assert.rejects(read(files, { progress, signal: stopped.signal, acceptLoss: true }), /stopped/);
  const { rows: half } = await db.pool.query<{ n: number; step: string }>(
    `select (select count(*)::int from enhetsregister.unit) as n, step from enhetsregister.import where step <> 'done'`,
  );
  assert.deepEqual([half[0]!.step, half[0]!.n > 4_000 && half[0]!.n < 6_000], ['main', true]);

  const parts: string[] = [];
  const [counts, second] = await Promise.allSettled([
    read(files, { progress: { show: (what) => void parts.push(what), end: (what) => void parts.push(what) }, acceptLoss: true }),
    read(files, { acceptLoss: true }),
  ]);
  assert.deepEqual([counts, second].map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.ok(!parts.some((what) => what.startsWith('reading')), 'the files are not read again');
  const { rows } = await db.pool.query(
    `select count(*)::int as n, count(parent_id)::int as subs from register.party where number >= '3' and kind = 'organization' and deleted_at is null`,
  );
  assert.deepEqual(rows, [{ n: 20_000, subs: 10_000 }]);
  const { rows: roles } = await db.pool.query(`select count(*)::int as n from access.role_assignment where source = 'ccr'`);
  assert.equal(roles[0].n, 10_000);

  const few = await file(units());
  const before = await stamp();
  await assert.rejects(read({ units: few }), /lack \d+ of 1\d{4} organizations.*--accept-loss/s);
  await assert.rejects(read({ roles: await file([]) }), /--accept-loss/);
  assert.deepEqual(await stamp(), before);
});

test('given a run whose staged rows a crash has taken, when it goes on, then the files are read again and nothing is closed', async () => {
  const files = { units: join(folder, 'enheter.json.gz') };
  await read(files, { isDryRun: true, acceptLoss: true });
  await db.pool.query('truncate enhetsregister.staged_unit');
  const counts = await read(files, { acceptLoss: true });
  assert.deepEqual([counts.deregistered, counts.added], [0, 0]);
});
