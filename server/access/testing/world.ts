import type { Database } from '#db/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { newId } from '#kernel/ids.ts';
import {
  isNationalIdentityNumber,
  isOrganizationNumber,
  partiesByNumber,
  type SaveParty,
  saveContactPoints,
  saveParties,
} from '#register/index.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { announceAccessChanges } from '../announce.ts';
import { type Need, type Openability, whoCanOpen } from '../decide/who-can-open.ts';
import type { SaveResource } from '../resource.ts';
import { saveResources } from '../seed/save-resources.ts';
import { saveSystemUsers } from '../seed/save-system-users.ts';
import { seedAccess } from '../seed/seed-access.ts';
import { type ClientDelegation, saveClientDelegations } from '../store/client-delegations.ts';
import { type SaveGrant, saveGrants } from '../store/grants.ts';
import { saveAccessLists } from '../store/lists.ts';
import { endRoleAssignments, saveRoleAssignments } from '../store/roles.ts';
import { findStanding } from '../store/standing.ts';

/** The town in which the tests of access live. Makes only what is named. */
export class World {
  readonly db: Database;
  readonly ctx: Context & { readonly db: Database };
  #organizations = 310_000_00;
  #persons = 141_184_901;

  constructor(ctx: Context & { readonly db: Database }) {
    this.ctx = ctx;
    this.db = ctx.db;
  }

  async organization(name: string, more: Partial<Omit<SaveParty, 'number'>> = {}): Promise<PartyId> {
    return this.#party({ kind: 'organization', number: this.#nextOrganizationNumber(), name, unitType: 'AS', ...more });
  }

  async subunit(name: string, parent: PartyId): Promise<PartyId> {
    return this.organization(name, { parentNumber: await this.numberOf(parent), unitType: 'BEDR' });
  }

  async person(name: string, more: Partial<Omit<SaveParty, 'number'>> & { email?: string } = {}): Promise<PartyId> {
    const { email, ...party } = more;
    const id = await this.#party({ kind: 'person', number: this.#nextPersonNumber(), name, ...party });
    if (email)
      await this.db.transaction(async (tx) => saveContactPoints(tx, [{ party: id, points: [{ channel: 'email', address: email }] }]));
    return id;
  }

  async systemUser(owner: PartyId, resource: ResourceId, actions: readonly string[]): Promise<PartyId> {
    const id = newId<PartyId>();
    await this.db.transaction(async (tx) => saveSystemUsers(tx, [{ id, system: 'Et fagsystem', owner, rights: [{ resource, actions }] }]));
    return id;
  }

  role(holder: PartyId, role: string, at: PartyId): Promise<void> {
    return this.db.transaction(async (tx) => {
      saveRoleAssignments(tx, [{ holder, role, at }]);
      await announceAccessChanges(tx);
    });
  }

  endRole(holder: PartyId, role: string, at: PartyId): Promise<void> {
    return this.db.transaction(async (tx) => {
      endRoleAssignments(tx, [{ holder, role, at }]);
      await announceAccessChanges(tx);
    });
  }

  grant(grant: SaveGrant): Promise<void> {
    return this.grants([grant]);
  }

  grants(grants: readonly SaveGrant[]): Promise<void> {
    return this.db.transaction(async (tx) => {
      saveGrants(tx, grants);
      await announceAccessChanges(tx);
    });
  }

  /** The agent becomes one if it is not, and is let act for the client. */
  delegate(row: ClientDelegation): Promise<void> {
    return this.db.transaction(async (tx) => {
      saveRoleAssignments(tx, [{ holder: row.agent, role: 'agent', at: row.provider }]);
      saveClientDelegations(tx, [row]);
      await announceAccessChanges(tx);
    });
  }

  /** What becomes known of a party: that it has died, is closed, was merged. */
  save(party: SaveParty): Promise<void> {
    return this.db.transaction(async (tx) => {
      saveParties(tx, [party]);
      await announceAccessChanges(tx);
    });
  }

  async resource(more: Partial<SaveResource> & { owner: PartyId }): Promise<ResourceId> {
    const id = more.id ?? (`ressurs-${newId().slice(-12)}` as ResourceId);
    await this.db.transaction(async (tx) => {
      saveResources(tx, [{ id, type: 'CorrespondenceService', title: { nb: 'Post', nn: 'Post', en: 'Post' }, ...more }]);
      await announceAccessChanges(tx);
    });
    return id;
  }

  list(id: string, owner: PartyId, members: readonly PartyId[]): Promise<void> {
    return this.db.transaction(async (tx) => {
      saveAccessLists(tx, [{ id, owner, members }]);
      await announceAccessChanges(tx);
    });
  }

  /** That somebody was here, so many days ago; a machine through its client. */
  async seen(party: PartyId, { days = 0, level = 4, client = '', reads = false } = {}): Promise<void> {
    await this.db.pool.query(
      `insert into identity.activity (party_id, client_id, read_scope, auth_level, last_seen_at)
       values ($1, $2, $3, $4, clock.now() - make_interval(days => $5))`,
      [party, client, reads, level, days],
    );
  }

  async numberOf(party: PartyId): Promise<string> {
    const { rows } = await this.db.pool.query<{ number: string }>('select number from register.party where id = $1', [party]);
    return rows[0]!.number;
  }

  async openability(party: PartyId, resource: ResourceId, more: Partial<Need> = {}): Promise<Openability> {
    const [found] = await whoCanOpen(this.db, [{ party, needs: [{ resource, action: 'read', instance: null, what: 'message', ...more }] }]);
    return found!;
  }

  async openers(party: PartyId, resource: ResourceId, more: Partial<Need> = {}): Promise<PartyId[]> {
    return (await this.openability(party, resource, more)).openers.map((opener) => opener.party);
  }

  async version(party: PartyId): Promise<number> {
    const { places } = await findStanding(this.db, { places: [party], subjects: [], resources: [] });
    return Number(places.get(party)?.version);
  }

  async #party(row: SaveParty & { number: string }): Promise<PartyId> {
    await this.db.transaction(async (tx) => saveParties(tx, [row]));
    return (await partiesByNumber(this.db, [row.number])).get(row.number)!.id;
  }

  #nextOrganizationNumber(): string {
    for (;;) {
      this.#organizations += 1;
      const number = [...'0123456789'].map((check) => `${this.#organizations}${check}`).find(isOrganizationNumber);
      if (number) return number;
    }
  }

  #nextPersonNumber(): string {
    for (;;) {
      this.#persons += 1;
      for (let check = 0; check < 100; check += 1) {
        const number = `${this.#persons}${String(check).padStart(2, '0')}`;
        if (isNationalIdentityNumber(number)) return number;
      }
    }
  }
}

/** A world with the built-in roles and access packages, in a database of its own. */
export async function openWorld(): Promise<World> {
  const { ctx } = await createTestDatabase();
  await seedAccess(ctx);
  return new World(ctx);
}

export function callerOf(subject: PartyId, more: Partial<Caller> = {}): Caller {
  return {
    kind: 'person',
    issuer: 'altinn',
    subject,
    party: subject,
    consumer: null,
    scopes: new Set(['altinn:portal/enduser', 'altinn:correspondence.read']),
    authLevel: 4,
    clientId: null,
    ...more,
  };
}

/** A machine token of an organization. */
export function machineOf(organization: PartyId, ...scopes: string[]): Caller {
  return callerOf(organization, {
    kind: 'organization',
    issuer: 'maskinporten',
    consumer: organization,
    scopes: new Set(scopes),
    authLevel: 3,
    clientId: 'system',
  });
}
