import type { Db } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { isNationalIdentityNumber, isOrganizationNumber, partiesByNumber, saveParties } from '#register/index.ts';
import type { SaveResource } from '../../resource.ts';
import { saveResources } from '../../seed/save-resources.ts';
import { saveAccessLists } from '../../store/lists.ts';
import type { Inhabitant } from '../reference.ts';

/** Where one world after the other stands: parties and resources that stay, while all that holds between them changes. */
export interface Slot {
  readonly owner: PartyId;
  /** The second is a subunit of the first, and may move. */
  readonly organizations: readonly PartyId[];
  readonly persons: readonly PartyId[];
  /** Of the first and the last organization. */
  readonly systems: readonly PartyId[];
  readonly inhabitants: readonly Inhabitant[];
  /** Organizations whose machines were seen to fetch. */
  readonly fetching: ReadonlySet<PartyId>;
  readonly message: ResourceId;
  readonly attachment: ResourceId;
  readonly lists: readonly [string, string];
  /** The items that are asked about, and one that is not. */
  readonly letter: string;
  readonly file: string;
  readonly other: string;
  numberOf(party: PartyId): string;
}

interface Queryable {
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** Makes slots with an owner of their own, in a database that has roles and access packages. */
export async function makeSlots(db: Db & { readonly pool: Queryable }, count: number): Promise<Slot[]> {
  const numbers = Array.from({ length: count }, () => ({
    organizations: ['A', 'A under', 'B', 'C'].map(nextOrganizationNumber),
    persons: ['Kari', 'Ola', 'Per'].map(nextPersonNumber),
  }));
  const ownerNumber = nextOrganizationNumber();
  await db.transaction(async (tx) => {
    saveParties(tx, [
      { kind: 'organization', number: ownerNumber, name: 'Eier' },
      ...numbers.flatMap(({ organizations, persons }) => [
        ...organizations.map((number) => ({ kind: 'organization' as const, number, name: number })),
        ...persons.map((number) => ({ kind: 'person' as const, number, name: number })),
      ]),
    ]);
  });
  const known = await partiesByNumber(db, [ownerNumber, ...numbers.flatMap((each) => [...each.organizations, ...each.persons])]);
  const idOf = (number: string) => known.get(number)!.id;
  const owner = idOf(ownerNumber);
  const bare = numbers.map(({ organizations, persons }) => {
    const ids = { organizations: organizations.map(idOf), persons: persons.map(idOf), systems: [newId<PartyId>(), newId<PartyId>()] };
    const name = newId().slice(-12);
    const lists = [`list-${name}-1`, `list-${name}-2`] as const;
    const resources = { message: `brev-${name}` as ResourceId, attachment: `fil-${name}` as ResourceId };
    return { ...ids, ...resources, lists, owner, letter: newId(), file: newId(), other: newId() };
  });
  await db.transaction(async (tx) => {
    const systems = bare.flatMap(({ systems, organizations }) =>
      systems.map((id, i) => ({ id, kind: 'system-user' as const, number: null, name: id, parentId: organizations[i * 3]! })),
    );
    saveParties(tx, systems);
    saveAccessLists(
      tx,
      bare.flatMap(({ lists }) => lists.map((id) => ({ id, owner, members: [] }))),
    );
    saveResources(
      tx,
      bare.flatMap(({ message, attachment }) => [message, attachment].map((id) => resourceRow(id, owner, { rules: [], accessList: null }))),
    );
  });
  const fetching = bare.flatMap(({ organizations }) => [organizations[0]!, organizations[3]!]);
  await db.pool.query(
    `insert into identity.activity (party_id, client_id, read_scope, auth_level, last_seen_at)
     select id, 'system', true, 3, '2999-01-01' from unnest($1::uuid[]) as p (id)`,
    [fetching],
  );
  const rows = await db.all<Inhabitant>({
    text: `select id, kind, number, org_code as "orgCode", party_id as "partyId", unit_type as "unitType", parent_id as parent,
                  null as successor, true as alive
             from register.party where id = any($1::uuid[])`,
    values: [bare.flatMap(({ organizations, persons, systems }) => [...organizations, ...persons, ...systems])],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return bare.map((each): Slot => {
    const inhabitants = [...each.organizations, ...each.persons, ...each.systems].map((id) => byId.get(id)!);
    return { ...each, inhabitants, fetching: new Set(fetching), numberOf: (id) => byId.get(id)!.number! };
  });
}

let organizations = 310_500_00;
let persons = 141_184_901;

function nextOrganizationNumber(): string {
  for (;;) {
    organizations += 1;
    const number = [...'0123456789'].map((check) => `${organizations}${check}`).find(isOrganizationNumber);
    if (number) return number;
  }
}

function nextPersonNumber(): string {
  for (;;) {
    persons += 1;
    for (let check = 0; check < 100; check += 1) {
      const number = `${persons}${String(check).padStart(2, '0')}`;
      if (isNationalIdentityNumber(number)) return number;
    }
  }
}

export function resourceRow(id: ResourceId, owner: PartyId, more: Pick<SaveResource, 'rules' | 'accessList'>): SaveResource {
  return { id, owner, type: 'CorrespondenceService', title: { nb: 'Post', nn: 'Post', en: 'Post' }, ...more };
}
