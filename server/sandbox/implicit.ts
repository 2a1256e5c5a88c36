import {
  announceAccessChanges,
  findResource,
  onUnknownResources,
  saveResources,
  saveRoleAssignments,
  type UnknownResource,
} from '#access/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import {
  isNationalIdentityNumber,
  isOrganizationNumber,
  onUnknownParties,
  partiesByNumber,
  saveContactPoints,
  saveParties,
} from '#register/index.ts';
import { companyNameFrom, managerAddressFrom, personAddressFrom, personNameFrom } from './names.ts';
import { personNumberFrom } from './numbers.ts';
import { lockTown } from './town/store.ts';

/** What comes to be in a sandbox because a request names it (`BUDSTIKKE_SANDBOX_IMPLICIT`). */
export interface Implicit {
  readonly parties: boolean;
  readonly resources: boolean;
}

/** Fills the hooks of register and access. What is switched off is refused as in production. */
export function fillImplicit(implicit: Implicit): void {
  if (implicit.parties) onUnknownParties.fill(makeParties);
  if (implicit.resources) onUnknownResources.fill(makeResource);
}

/**
 * Lets numbers with valid check digits come to be as parties. An organization gets one daglig leder, whose number, name
 * and e-mail address follow from the organization's number; a person gets an e-mail address. What is known already, from
 * a town document above all, is left as it is. Callers at once wait for each other and make the same.
 */
export async function makeParties(ctx: Context, numbers: readonly string[]): Promise<void> {
  const valid = [...new Set(numbers)].filter((number) => isOrganizationNumber(number) || isNationalIdentityNumber(number));
  if (valid.length === 0) return;
  await ctx.db.transaction(async (tx) => {
    await lockTown(tx);
    const known = await partiesByNumber(tx, valid);
    const wanted = valid.filter((number) => !known.has(number));
    const companies = wanted.filter(isOrganizationNumber).map((number) => ({ number, manager: personNumberFrom(number) }));
    const managers = companies.map(({ number, manager }) => ({ number: manager, address: managerAddressFrom(number) }));
    const others = wanted.filter(isNationalIdentityNumber).map((number) => ({ number, address: personAddressFrom(number) }));
    const idOf = await makePeople(tx, [...managers, ...others]);
    const made = companies.map(({ number, manager }) => ({ id: newId<PartyId>(), number, manager }));

    saveParties(
      tx,
      made.map(({ id, number }) => ({ id, kind: 'organization', number, name: companyNameFrom(number), unitType: 'AS', implicit: true })),
    );
    saveRoleAssignments(
      tx,
      made.map(({ id, manager }) => ({ holder: idOf.get(manager)!, role: 'DAGL', at: id, source: 'implicit' })),
    );
    await announceAccessChanges(tx);
  });
}

/** Those of the people whom nobody knows yet; the ids of all. */
async function makePeople(tx: Tx, people: readonly { number: string; address: string }[]): Promise<Map<string, PartyId>> {
  const known = await partiesByNumber(
    tx,
    people.map(({ number }) => number),
  );
  const ids = new Map([...known].map(([number, party]) => [number, party.id]));
  const made = people.flatMap(({ number, address }) => {
    if (ids.has(number)) return [];
    const id = newId<PartyId>();
    ids.set(number, id);
    return [{ id, number, address }];
  });
  saveParties(
    tx,
    made.map(({ id, number }) => ({ id, kind: 'person', number, name: personNameFrom(number), implicit: true })),
  );
  saveContactPoints(
    tx,
    made.map(({ id, address }) => ({ party: id, points: [{ channel: 'email', address }] })),
  );
  return ids;
}

/** The names that the original takes for a resource, in any case. */
const resourceName = /^[a-z0-9_-]{4,200}$/i;

/**
 * Lets a resource come to be: of the type that its route speaks of, owned by who calls, with the senders and readers that
 * a town document has by default. A caller whom nobody knows makes none, and neither does a name that no resource can have.
 */
export async function makeResource(ctx: Context, { id, type, owner }: UnknownResource): Promise<void> {
  if (owner === null || !resourceName.test(id)) return;
  await ctx.db.transaction(async (tx) => {
    await lockTown(tx);
    if (await findResource(tx, id)) return;
    saveResources(tx, [{ id, type, owner, title: { nb: id, nn: id, en: id }, implicit: true }]);
    await announceAccessChanges(tx);
  });
}
