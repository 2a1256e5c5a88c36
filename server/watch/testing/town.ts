import assert from 'node:assert/strict';
import {
  announceAccessChanges,
  type SaveResource,
  saveGrants,
  saveResources,
  saveRoleAssignments,
  seedAccess,
  whoCanOpen,
} from '#access/index.ts';
import { createClock, type Database } from '#db/index.ts';
import type { Context } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import {
  type ContactPoint,
  isNationalIdentityNumber,
  isOrganizationNumber,
  partiesByNumber,
  type SaveParty,
  saveContactPoints,
  saveParties,
} from '#register/index.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { beginWatches } from '../begin/begin-watches.ts';
import { publishWatches } from '../begin/publish-watches.ts';
import { compareCauses, sweepCauses } from '../causes/sweep-causes.ts';
import { takeDueSteps, type WatchContext } from '../climb/take-due-steps.ts';
import { findWatch } from '../find-watch.ts';
import { watchInvariants } from '../invariants.ts';
import type { WatchBegin } from '../types.ts';
import type { WatchView } from '../wire.ts';

export const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';

/** The town in which the tests of the watch live: a police district that sends, and whoever a test names. */
export class Town {
  readonly db: Database;
  readonly ctx: WatchContext & { readonly db: Database };
  readonly url: string;
  readonly police: PartyId;
  readonly refreshClock: () => Promise<void>;
  static #numbers = 310_000_00;
  static #persons = 141_184_901;

  private constructor(ctx: Context & { readonly db: Database }, url: string, clock: ReturnType<typeof createClock>, police: PartyId) {
    this.db = ctx.db;
    this.url = url;
    this.refreshClock = () => clock.refresh();
    this.ctx = {
      ...ctx,
      now: clock.now,
      addresses: { inbox: 'https://post.example.no/inbox', console: 'https://post.example.no/console' },
    };
    this.police = police;
  }

  static async open(): Promise<Town> {
    const { ctx, url } = await createTestDatabase();
    await seedAccess(ctx);
    const police = await Town.#save(ctx.db, { kind: 'organization', number: Town.#organizationNumber(), name: 'Sør-Øst politidistrikt' }, [
      { channel: 'email', address: 'post@politiet.example' },
    ]);
    return new Town(ctx, url, createClock(ctx.db), police);
  }

  organization(name: string, points: readonly ContactPoint[] = []): Promise<PartyId> {
    return Town.#save(this.db, { kind: 'organization', number: Town.#organizationNumber(), name, unitType: 'KOMM' }, points);
  }

  person(name: string, email: string | null, more: Partial<Omit<SaveParty, 'number' | 'kind'>> = {}): Promise<PartyId> {
    const row = { kind: 'person' as const, number: Town.#personNumber(), name, ...more };
    return Town.#save(this.db, row, email === null ? [] : [{ channel: 'email', address: email }]);
  }

  async role(holder: PartyId, role: string, at: PartyId): Promise<void> {
    await this.db.transaction(async (tx) => {
      saveRoleAssignments(tx, [{ holder, role, at }]);
      await announceAccessChanges(tx);
    });
  }

  /** A municipality with a chief officer who has every ordinary right, and may hand on the rest. */
  async municipality(name: string): Promise<{ party: PartyId; chief: PartyId }> {
    const party = await this.organization(name);
    const chief = await this.person(`Leder i ${name}`, `leder-${newId().slice(-6)}@example.no`);
    await this.role(chief, 'daglig-leder', party);
    return { party, chief };
  }

  async resource(readers: readonly string[], more: Partial<SaveResource> = {}): Promise<ResourceId> {
    const id = `ressurs-${newId().slice(-12)}` as ResourceId;
    await this.db.transaction(async (tx) => {
      saveResources(tx, [
        { id, type: 'CorrespondenceService', owner: this.police, title: { nb: 'Bekymring', nn: 'Uro', en: 'Concern' }, readers, ...more },
      ]);
      await announceAccessChanges(tx);
    });
    return id;
  }

  async give(to: PartyId, at: PartyId, what: { package?: string; resource?: ResourceId; until?: string }, announced = true): Promise<void> {
    await this.db.transaction(async (tx) => {
      saveGrants(tx, [{ at, to, ...what }]);
      if (announced) await announceAccessChanges(tx);
    });
  }

  /** Takes away everything that was given at a party. */
  async takeAway(at: PartyId, announced = true): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.run(sql`update access.access_grant set revoked_at = clock.now() where from_id = ${at} and revoked_at is null`);
      if (announced) await announceAccessChanges(tx);
    });
  }

  async reader(at: PartyId, resource: ResourceId, name = 'Kari Nordmann'): Promise<PartyId> {
    const person = await this.person(name, `${newId().slice(-8)}@example.no`);
    await this.give(person, at, { resource });
    return person;
  }

  /** What `beginWatches` is given for one message, with the openability as it is now. */
  async letter(to: PartyId, resource: ResourceId, over: Partial<WatchBegin> = {}): Promise<WatchBegin> {
    const about = over.about ?? newId();
    const at = over.at ?? this.ctx.now();
    const needs = over.needs ?? [{ resource, action: 'read', instance: about, policyVersion: await this.policyVersion(resource) }];
    const [openability] = await whoCanOpen(this.db, [
      { party: to, needs: needs.map((need) => ({ ...need, what: need.instance === about ? 'message' : 'attachment' })) },
    ]);
    return {
      about,
      party: to,
      sender: this.police,
      resource,
      confidential: false,
      confirmNeeded: false,
      dueAt: null,
      ladder: 'ordinary',
      at,
      needs,
      openability: openability!,
      expectedPublishAt: at,
      senderSteps: [],
      ...over,
    };
  }

  /** A letter that is accepted and published in one transaction. */
  async sent(to: PartyId, resource: ResourceId, over: Partial<WatchBegin> = {}): Promise<WatchBegin> {
    const letter = await this.letter(to, resource, over);
    await this.db.transaction(async (tx) => {
      beginWatches(tx, [letter]);
      publishWatches(tx, [letter]);
    });
    return letter;
  }

  /** A letter that is accepted, to be published later. */
  async begun(to: PartyId, resource: ResourceId, over: Partial<WatchBegin> = {}): Promise<WatchBegin> {
    const letter = await this.letter(to, resource, over);
    await this.db.transaction(async (tx) => beginWatches(tx, [letter]));
    return letter;
  }

  async publish(letter: WatchBegin): Promise<void> {
    await this.db.transaction(async (tx) => publishWatches(tx, [{ ...letter, at: this.ctx.now() }]));
  }

  async policyVersion(resource: ResourceId): Promise<number> {
    const row = await this.db.one<{ version: number }>(
      sql`select policy_version as version from access.policy_face where resource_id = ${resource}`,
    );
    return row.version;
  }

  /** What workers do each minute, without the mail. */
  async work(): Promise<number> {
    const taken = await takeDueSteps(this.ctx);
    await sweepCauses(this.ctx);
    await compareCauses(this.ctx);
    return taken;
  }

  /** Moves the clock and does what has fallen due since, day by day. */
  async pass(days: number): Promise<void> {
    for (let day = 0; day < days; day += 1) {
      await this.advance(24 * 3600);
      await this.work();
    }
  }

  async advance(seconds: number): Promise<void> {
    await this.db.transaction((tx) => tx.run(sql`update clock.shift set by = by + make_interval(secs => ${seconds}::double precision)`));
    await this.refreshClock();
  }

  async watch(letter: { readonly about: string }): Promise<WatchView> {
    const found = await findWatch(this.db, letter.about);
    assert.ok(found, 'there is no watch');
    return found;
  }

  /** `to-whom purpose channel state`, in order of planning. */
  async notices(letter: { readonly about: string }): Promise<string[]> {
    const rows = await this.db.all<{ line: string }>(sql`
      select p.name || ' ' || n.purpose || ' ' || n.channel || ' ' || n.state as line
        from notifications.notice n join register.party p on p.id = n.to_id where n.about = ${letter.about} order by n.id`);
    return rows.map((row) => row.line);
  }

  async events(letter: { readonly about: string }): Promise<string[]> {
    const rows = await this.db.all<{ type: string }>(
      sql`select type from events.outbox where resource_instance = ${letter.about} order by id`,
    );
    return rows.map((row) => row.type.replace('no.budstikke.watch.', ''));
  }

  async evidence(letter: { readonly about: string }): Promise<string[]> {
    const rows = await this.db.all<{ line: string }>(sql`
      select v.name || coalesce(' ' || (e.core::jsonb ->> 'step'), '') as line
        from evidence.evidence e join evidence.event v on v.code = e.event where e.about = ${letter.about} order by e.id`);
    return rows.map((row) => row.line);
  }

  async invariantsHold(): Promise<void> {
    for (const { name, find } of watchInvariants) assert.deepEqual(await this.db.all(find), [], name);
  }

  static async #save(db: Database, row: SaveParty & { readonly number: string }, points: readonly ContactPoint[]): Promise<PartyId> {
    await db.transaction(async (tx) => saveParties(tx, [row]));
    const { id } = (await partiesByNumber(db, [row.number])).get(row.number)!;
    if (points.length > 0) await db.transaction(async (tx) => saveContactPoints(tx, [{ party: id, points }]));
    return id;
  }

  static #organizationNumber(): string {
    for (;;) {
      Town.#numbers += 1;
      const number = [...'0123456789'].map((check) => `${Town.#numbers}${check}`).find(isOrganizationNumber);
      if (number) return number;
    }
  }

  static #personNumber(): string {
    for (;;) {
      Town.#persons += 1;
      for (let check = 0; check < 100; check += 1) {
        const number = `${Town.#persons}${String(check).padStart(2, '0')}`;
        if (isNationalIdentityNumber(number)) return number;
      }
    }
  }
}
