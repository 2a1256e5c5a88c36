import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import {
  announceAccessChanges,
  createGrant,
  expireGrants,
  onAccessChanged,
  onPolicyChanged,
  revokeGrant,
  saveResources,
} from '#access/index.ts';
import { listEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { type Db, type Sql, sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { saveOrders } from '#notifications/index.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { beginWatches } from '../begin/begin-watches.ts';
import { publishWatches } from '../begin/publish-watches.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import { reevaluate, reevaluatePolicies, sweepVersions } from './reevaluate.ts';

const town = await Town.open();
const sealed = await town.resource([`package:${confidentialPackage}`]);

const hookFilled = () => onAccessChanged.fill(reevaluate);
const hookEmpty = () => onAccessChanged.fill(async () => {});
beforeEach(hookEmpty);
after(hookEmpty);

const callerOf = (subject: PartyId): Caller => ({
  kind: 'person',
  issuer: 'altinn',
  subject,
  party: subject,
  consumer: null,
  scopes: new Set(['altinn:portal/enduser']),
  authLevel: 4,
  clientId: null,
});
const numberOf = async (party: PartyId) =>
  (await town.db.one<{ number: string }>(sql`select number from register.party where id = ${party}`)).number;

test('given sealed post, when the administrator grants access, then in that very transaction the watch knows it, and the new reader is told at once', async () => {
  hookFilled();
  const { party, chief } = await town.municipality('Skien kommune');
  const worker = await town.person('Saks Behandler', 'saks@example.no');
  const letter = await town.sent(party, sealed, { confidential: true });
  await town.work();
  assert.deepEqual([(await town.watch(letter)).class, (await town.watch(letter)).nextAction], ['GRANTABLE', 'remind']);

  const granted = await createGrant(town.ctx, callerOf(chief), {
    at: `urn:altinn:organization:identifier-no:${await numberOf(party)}`,
    to: `urn:altinn:party:uuid:${worker}`,
    package: confidentialPackage,
  });
  const after = await town.watch(letter);
  assert.deepEqual([after.class, after.openers, after.nextAction], ['REACHABLE', 1, 'notify-new-opener']);
  assert.deepEqual((await town.evidence(letter)).at(-1), 'AccessRegained');
  assert.deepEqual((await town.events(letter)).at(-1), 'opener-found');
  await town.work();
  assert.deepEqual((await town.notices(letter)).at(-1), 'Saks Behandler new-mail email due');
  await town.invariantsHold();

  await revokeGrant(town.ctx, callerOf(chief), granted.grant.id);
  const lost = await town.watch(letter);
  assert.deepEqual([lost.class, lost.openers, lost.cause, lost.nextAction], ['GRANTABLE', 0, 'grant-needed', 'notify-grantors']);
  assert.deepEqual((await town.evidence(letter)).at(-1), 'AccessLost');
  assert.deepEqual((await town.events(letter)).at(-1), 'no-opener');
  const evidence = (await listEvidence(town.db, [letter.about])).at(-1)!;
  assert.deepEqual([evidence.proves, evidence.core.reason], ['deposited', 'urn:budstikke:reason:grant-needed']);
  const { actor, right } = evidence.who as { actor: object; right: string[] };
  assert.deepEqual([evidence.core.cause, actor], ['revoked', { kind: 'person', party: chief, issuer: 'altinn', level: 4 }]);
  assert.ok(right.length > 0, 'how the administrator had the right to take it back');
  const regained = (await listEvidence(town.db, [letter.about])).find(({ event }) => event === 'AccessRegained')!;
  assert.deepEqual([regained.core.cause, (regained.who as { actor: object }).actor], ['granted', actor]);
  await town.work();
  assert.deepEqual((await town.notices(letter)).at(-1), 'Leder i Skien kommune sealed email due');
  await town.invariantsHold();
});

test('given access that runs out, when it is ended, then evidence says so, and that nobody did it', async () => {
  hookFilled();
  const { party, chief } = await town.municipality('Bamble kommune');
  const worker = await town.person('Kort Tid', 'kort@example.no');
  await createGrant(town.ctx, callerOf(chief), {
    at: `urn:altinn:organization:identifier-no:${await numberOf(party)}`,
    to: `urn:altinn:party:uuid:${worker}`,
    package: confidentialPackage,
    until: new Date(town.ctx.now().getTime() + 3_600_000).toISOString(),
  });
  const letter = await town.sent(party, sealed);
  await town.advance(2 * 3600);
  await expireGrants(town.ctx);
  const { event, core, who } = (await listEvidence(town.db, [letter.about])).at(-1)!;
  assert.deepEqual([event, core.cause, who], ['AccessLost', 'expired', { actor: { kind: 'budstikke' } }]);
});

test('given a change of access that nobody announced, when the sweeper comes, then the watch knows it all the same, and once', async () => {
  const { party } = await town.municipality('Bø kommune');
  const worker = await town.person('Saks', 'saks2@example.no');
  const letter = await town.sent(party, sealed);
  await sweepVersions(town.ctx);
  await town.give(worker, party, { package: confidentialPackage }, false);
  assert.equal((await town.watch(letter)).openers, 0);

  assert.equal(await sweepVersions(town.ctx), 1);
  assert.equal((await town.watch(letter)).openers, 1);
  assert.equal(await sweepVersions(town.ctx), 0);
  await town.work();
  await town.work();
  assert.equal((await town.notices(letter)).filter((line) => line.startsWith('Saks new-mail')).length, 1);
});

test('given a revocation whose announcement reached no watch, when the sweeper comes, then evidence says who has taken the right away and why', async () => {
  const { party, chief } = await town.municipality('Hjartdal kommune');
  const worker = await town.person('Mistet', 'mistet@example.no');
  const { grant } = await createGrant(town.ctx, callerOf(chief), {
    at: `urn:altinn:organization:identifier-no:${await numberOf(party)}`,
    to: `urn:altinn:party:uuid:${worker}`,
    package: confidentialPackage,
  });
  const letter = await town.sent(party, sealed);
  await sweepVersions(town.ctx);
  await revokeGrant(town.ctx, callerOf(chief), grant.id);
  assert.equal((await town.watch(letter)).openers, 1, 'nobody was told');

  assert.equal(await sweepVersions(town.ctx), 1);
  const { event, core, who } = (await listEvidence(town.db, [letter.about])).at(-1)!;
  const { actor } = who as { actor: object };
  assert.deepEqual([event, core.cause, actor], ['AccessLost', 'revoked', { kind: 'person', party: chief, issuer: 'altinn', level: 4 }]);
  assert.equal((await town.events(letter)).at(-1), 'no-opener');

  await town.give(worker, party, { package: confidentialPackage }, false);
  assert.equal(await sweepVersions(town.ctx), 1);
  assert.equal((await listEvidence(town.db, [letter.about])).at(-1)!.core.cause, 'unknown', 'what nobody told of is nobody else’s act');
});

test('given a policy that changes, when the sweeper comes, then open watches that need it are computed anew, and settled ones are left alone', async () => {
  const resource = await town.resource(['DAGL']);
  const { party } = await town.municipality('Sauherad kommune');
  const letter = await town.sent(party, resource);
  const closed = await town.sent(party, resource);
  const { settleWatch } = await import('../progress/settle-watch.ts');
  await town.db.transaction(async (tx) => settleWatch(tx, [{ ...closed, outcome: 'recalled', at: town.ctx.now() }]));
  await sweepVersions(town.ctx);
  await town.db.transaction(async (tx) =>
    saveResources(tx, [
      {
        id: resource,
        type: 'CorrespondenceService',
        owner: town.police,
        title: { nb: 'x', nn: 'x', en: 'x' },
        readers: [`package:${confidentialPackage}`],
      },
    ]),
  );
  assert.equal(await sweepVersions(town.ctx), 1);
  assert.equal((await town.watch(letter)).class, 'GRANTABLE');
  assert.equal((await listEvidence(town.db, [letter.about])).at(-1)!.core.cause, 'policy-changed');
  assert.equal((await town.watch(closed)).class, 'REACHABLE');
  assert.equal(await sweepVersions(town.ctx), 0);
});

/** The database, but that `act` is done by somebody else when the transaction has read for the nth time. */
function interrupted(n: number, act: () => Promise<void>): { readonly db: Db; readonly wasReached: () => boolean } {
  let reads = 0;
  const reading = new Set<PropertyKey>(['all', 'maybe', 'one', 'run']);
  const watched = (tx: Tx): Tx =>
    new Proxy(tx, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (!reading.has(name)) return method.bind(target);
        return async (query: Sql) => {
          const answer = await method.call(target, query);
          reads += 1;
          if (reads === n) await act();
          return answer;
        };
      },
    });
  const db = Object.assign(Object.create(town.db), {
    transaction: <T>(work: (tx: Tx) => Promise<T>) => town.db.transaction((tx) => work(watched(tx))),
  });
  return { db, wasReached: () => reads >= n };
}

test('given a policy that changes at any moment while a watch is computed anew, when the sweeper has come again, then the watch knows the last of it', async () => {
  const { party } = await town.municipality('Seljord kommune');
  const resource = await town.resource(['DAGL']);
  const letter = await town.sent(party, resource);
  await sweepVersions(town.ctx);
  const title = { nb: 'x', nn: 'x', en: 'x' };
  const readers = (...names: readonly string[]) =>
    town.db.transaction(async (tx) =>
      saveResources(tx, [{ id: resource, type: 'CorrespondenceService', owner: town.police, title, readers: names }]),
    );
  let moments = 0;
  for (;;) {
    await readers(`package:${confidentialPackage}`);
    const { db, wasReached } = interrupted(moments + 1, () => readers('DAGL'));
    await sweepVersions({ ...town.ctx, db });
    if (!wasReached()) break;
    await sweepVersions(town.ctx);
    assert.equal((await town.watch(letter)).class, 'REACHABLE', `changed after read ${moments + 1}`);
    moments += 1;
  }
  assert.ok(moments >= 5, 'the moments between the reads were tried');
});

test('given a policy that changes, when that is announced, then in that very transaction open watches know it, and the sweeper finds nothing', async () => {
  onPolicyChanged.fill(reevaluatePolicies);
  const resource = await town.resource(['DAGL']);
  const { party } = await town.municipality('Nome kommune');
  const letter = await town.sent(party, resource);
  await sweepVersions(town.ctx);
  await town.db.transaction(async (tx) => {
    saveResources(tx, [
      {
        id: resource,
        type: 'CorrespondenceService',
        owner: town.police,
        title: { nb: 'x', nn: 'x', en: 'x' },
        readers: [`package:${confidentialPackage}`],
      },
    ]);
    await announceAccessChanges(tx);
  });
  onPolicyChanged.fill(async () => {});
  assert.equal((await town.watch(letter)).class, 'GRANTABLE');
  assert.equal((await town.evidence(letter)).at(-1), 'AccessLost');
  assert.equal(await sweepVersions(town.ctx), 0);
});

test('given access that is revoked while a letter is being accepted, when both are committed in either order, then the sweeper finds the letter', async () => {
  for (const order of ['revoked first', 'accepted first'] as const) {
    const { party } = await town.municipality(`Kommune ${order}`);
    const worker = await town.person('Saks', `${newId().slice(-8)}@example.no`);
    await town.give(worker, party, { package: confidentialPackage });
    await sweepVersions(town.ctx);
    const letter = await town.letter(party, sealed); // openability as it is before the revocation
    assert.equal(letter.openability.openers.length, 1);
    const accept = () =>
      town.db.transaction(async (tx) => {
        beginWatches(tx, [letter]);
        publishWatches(tx, [letter]);
      });
    if (order === 'revoked first') {
      await town.takeAway(party, false);
      await accept();
    } else {
      await accept();
      await town.takeAway(party, false);
    }
    assert.equal((await town.watch(letter)).openers, 1, 'not known yet');
    assert.equal(await sweepVersions(town.ctx), 1);
    assert.deepEqual([(await town.watch(letter)).class, (await town.watch(letter)).openers], ['GRANTABLE', 0]);
  }
});

test('given access that is revoked in a transaction still open, when a letter is accepted meanwhile, then after both the watch is right', async () => {
  hookFilled();
  const { party } = await town.municipality('Fyresdal kommune');
  const worker = await town.person('Saks', 'saks5@example.no');
  await town.give(worker, party, { package: confidentialPackage });
  let letter = await town.letter(party, sealed);
  await town.db.transaction(async (tx) => {
    await tx.run(sql`update access.access_grant set revoked_at = clock.now() where from_id = ${party} and revoked_at is null`);
    await announceAccessChanges(tx);
    letter = await town.sent(party, sealed);
  });
  assert.equal((await town.watch(letter)).openers, 1, 'the revocation did not see the letter, nor the letter the revocation');
  await sweepVersions(town.ctx);
  assert.equal((await town.watch(letter)).openers, 0);
});

test('given more unread post than one change of access may carry, when the sweeper comes, then it finds the rest', async () => {
  hookFilled();
  const { party } = await town.municipality('Stor kommune');
  const worker = await town.person('Saks', 'saks3@example.no');
  const one = await town.letter(party, sealed);
  const letters = Array.from({ length: 450 }, () => {
    const about = newId();
    return { ...one, about, needs: one.needs.map((need) => ({ ...need, instance: about })), publishedAt: one.at };
  });
  await town.db.transaction(async (tx) => beginWatches(tx, letters));
  await town.give(worker, party, { package: confidentialPackage });
  const open = () =>
    town.db
      .one<{ n: number }>(sql`select count(*)::int as n from watch.item where party_id = ${party} and openers = 1`)
      .then((row) => row.n);
  assert.equal(await open(), 200);
  const swept = await Promise.all([sweepVersions(town.ctx), sweepVersions(town.ctx)]);
  assert.equal(swept[0]! + swept[1]!, 250);
  assert.equal(await open(), 450);
  const regained = await town.db.one<{ n: number }>(sql`
    select count(*)::int as n from evidence.evidence where event = 111 and recipient = ${party}`);
  assert.equal(regained.n, 450, 'each once');
  await town.invariantsHold();
});

test('given a watch that a worker holds, when access changes, then the change does not wait for the worker', async () => {
  hookFilled();
  const { party } = await town.municipality('Rask kommune');
  const worker = await town.person('Saks', 'saks4@example.no');
  const letter = await town.sent(party, sealed);
  await town.db.transaction(async (tx) => {
    await tx.run(sql`select from watch.item where about = ${letter.about} for update`);
    await town.give(worker, party, { package: confidentialPackage });
  });
  assert.equal((await town.watch(letter)).openers, 0);
  await sweepVersions(town.ctx);
  assert.equal((await town.watch(letter)).openers, 1);
});

test('given a change that fails, when it is rolled back, then the watch has not heard of it', async () => {
  hookFilled();
  const { party } = await town.municipality('Angre kommune');
  const worker = await town.person('Saks', 'saks6@example.no');
  const letter = await town.sent(party, sealed);
  const before = await town.watch(letter);
  await nothingWritten(town.db, () =>
    assert.rejects(
      town.db.transaction(async (tx: Tx) => {
        await tx.run(sql`insert into access.access_grant (id, from_id, to_id, package, actions, created_at)
          values (${newId()}, ${party}, ${worker}, ${confidentialPackage}, '{}', clock.now())`);
        await announceAccessChanges(tx);
        throw new Error('no');
      }),
    ),
  );
  assert.deepEqual(await town.watch(letter), before);
});

test('given a sender that ordered its own words, when the first reader comes late, then the reader is told in those words', async () => {
  const { party } = await town.municipality('Sein kommune');
  const worker = await town.person('Saks', 'saks7@example.no');
  const orderId = newId();
  await town.db.transaction(async (tx) =>
    saveOrders(tx, [
      {
        id: orderId,
        sender: town.police,
        template: 'CustomMessage',
        channel: 'Email',
        emailSubject: 'Egne ord',
        emailBody: 'x',
        at: town.ctx.now(),
        sendersName: 'x',
        resourceName: 'x',
        messageTitle: 'x',
        confidential: false,
      },
    ]),
  );
  const letter = await town.sent(party, sealed, { senderSteps: [{ name: 'notify', orderId, channel: 'Email' }] });
  await town.work();
  await town.give(worker, party, { package: confidentialPackage });
  await sweepVersions(town.ctx);
  await town.work();
  const rows = await town.db.all<{ subject: string }>(sql`
    select subject from notifications.notice where about = ${letter.about} and purpose = 'new-mail'`);
  assert.deepEqual(rows, [{ subject: 'Egne ord' }]);
});

test('given a letter that is not published, when access changes, then it is known, and nobody is told', async () => {
  const { party } = await town.municipality('Vent kommune');
  const worker = await town.person('Saks', 'saks8@example.no');
  const letter = await town.letter(party, sealed, { expectedPublishAt: new Date(town.ctx.now().getTime() + 86_400_000) });
  await town.db.transaction(async (tx) => beginWatches(tx, [letter]));
  await town.give(worker, party, { package: confidentialPackage });
  await sweepVersions(town.ctx);
  await town.work();
  assert.equal((await town.watch(letter)).openers, 1);
  assert.deepEqual([await town.notices(letter), await town.events(letter), await town.evidence(letter)], [[], [], []]);
  await town.invariantsHold();
});

test('given many open watches, when the sweep and the claim look for work, then they have an index to go by', async () => {
  const client = await town.db.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local enable_seqscan = off');
    const plan = async (text: string) =>
      (await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`)).rows.map((row) => row['QUERY PLAN']).join('\n');
    assert.match(await plan(`select from watch.step where state = 'due' and due_at <= clock.now() order by due_at limit 10`), /step_due/);
    assert.match(
      await plan(
        'select from watch.need n join access.policy_face f on n.resource_id = f.resource_id and n.policy_version < f.policy_version',
      ),
      /need_policy/,
    );
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('given a notice to those who can grant that has not gone yet, when somebody can open, then it is called off, and the other way round', async () => {
  const { party } = await town.municipality('Snu kommune');
  const worker = await town.person('Saks', 'saks9@example.no');
  const letter = await town.sent(party, sealed);
  await town.work();
  await town.give(worker, party, { package: confidentialPackage });
  await sweepVersions(town.ctx);
  await town.work();
  assert.deepEqual(await town.notices(letter), ['Leder i Snu kommune sealed email cancelled', 'Saks new-mail email due']);
  await town.takeAway(party);
  await sweepVersions(town.ctx);
  await town.work();
  assert.deepEqual(await town.notices(letter), [
    'Leder i Snu kommune sealed email cancelled',
    'Saks new-mail email cancelled',
    'Leder i Snu kommune sealed email due',
  ]);
});

test('given two who are to be told when the night is over, when one of them may open no more, then only the other is told, and the recipient itself', async () => {
  const { party } = await town.municipality('Natt kommune');
  const [gone, stays] = [await town.person('Aud', 'aud@example.no'), await town.person('Birk', 'birk@example.no')];
  for (const each of [gone, stays]) await town.give(each, party, { package: confidentialPackage });
  const letter = await town.sent(party, sealed);
  await town.work();
  assert.deepEqual((await town.notices(letter)).sort(), ['Aud new-mail email due', 'Birk new-mail email due']);

  await town.db.transaction(async (tx) => {
    await tx.run(sql`update access.access_grant set revoked_at = clock.now() where to_id = ${gone} and revoked_at is null`);
    await announceAccessChanges(tx);
  });
  await sweepVersions(town.ctx);
  await town.work();
  assert.deepEqual((await town.notices(letter)).sort(), ['Aud new-mail email cancelled', 'Birk new-mail email due']);

  await town.give(gone, party, { package: confidentialPackage });
  await sweepVersions(town.ctx);
  await town.work();
  const both = ['Aud new-mail email due', 'Birk new-mail email due'];
  assert.deepEqual((await town.notices(letter)).sort(), both, 'it was taken away by mistake');
});

test('given two who are to be told when the night is over, when both lose access and get it back, then each is told once', async () => {
  const { party } = await town.municipality('Ombestemt kommune');
  const [first, second] = [await town.person('Siri', 'siri@example.no'), await town.person('Trym', 'trym@example.no')];
  const both = [first, second];
  for (const each of both) await town.give(each, party, { package: confidentialPackage });
  const letter = await town.sent(party, sealed);
  await town.work();
  for (const each of both) {
    await town.db.transaction(async (tx) => {
      await tx.run(sql`update access.access_grant set revoked_at = clock.now() where to_id = ${each} and revoked_at is null`);
      await announceAccessChanges(tx);
    });
    await sweepVersions(town.ctx);
    await town.work();
  }
  const due = async () => (await town.notices(letter)).filter((line) => line.endsWith('new-mail email due')).sort();
  assert.deepEqual(await due(), []);
  for (const each of both) {
    await town.give(each, party, { package: confidentialPackage });
    await sweepVersions(town.ctx);
    await town.work();
  }
  assert.deepEqual(await due(), ['Siri new-mail email due', 'Trym new-mail email due']);
});

test('given somebody whose notice was called off since access was lost, when it is given back two days later beside another, then the old notice does not go', async () => {
  const { party } = await town.municipality('Sein kommune');
  const [gone, stays] = [await town.person('Unn', 'unn@example.no'), await town.person('Vidar', 'vidar@example.no')];
  for (const each of [gone, stays]) await town.give(each, party, { package: confidentialPackage });
  const letter = await town.sent(party, sealed);
  await town.work();
  await town.db.transaction(async (tx) => {
    await tx.run(sql`update access.access_grant set revoked_at = clock.now() where to_id = ${gone} and revoked_at is null`);
    await announceAccessChanges(tx);
  });
  await sweepVersions(town.ctx);
  await town.advance(2 * 86_400);
  await town.give(gone, party, { package: confidentialPackage });
  await sweepVersions(town.ctx);
  await town.work();
  assert.ok((await town.notices(letter)).includes('Unn new-mail email cancelled'));
});

test('given two who are to be told when the night is over, when the policy lets one of them open no more, then only the other is told', async () => {
  const { party } = await town.municipality('Streng kommune');
  const worker = await town.person('Cato', 'cato@example.no');
  await town.give(worker, party, { package: confidentialPackage });
  const resource = await town.resource(['DAGL', `package:${confidentialPackage}`]);
  const letter = await town.sent(party, resource);
  await town.work();
  const title = { nb: 'x', nn: 'x', en: 'x' };
  await town.db.transaction(async (tx) =>
    saveResources(tx, [{ id: resource, type: 'CorrespondenceService', owner: town.police, title, readers: ['DAGL'] }]),
  );
  await sweepVersions(town.ctx);
  assert.deepEqual((await town.notices(letter)).sort(), ['Cato new-mail email cancelled', 'Leder i Streng kommune new-mail email due']);
});
