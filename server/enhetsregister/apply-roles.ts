import { endWithRoles, replaceRegisteredRoles } from '#access/index.ts';
import { budstikkeItself } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import { type Party, partiesByNumber, saveParties } from '#register/index.ts';
import type { Applied } from './apply-units.ts';
import { listStagedRoles, type StagedRole } from './store/staging.ts';
import { listUnits } from './store/unit.ts';

const setRows = 5_000;

/**
 * Makes the roles at the next organizations what the register says. Organizations hold roles by their number. A person holds one
 * only where the file has its national identity number: a name and a day of birth do not say who somebody is, and nobody gets to
 * read another's post by them. They are enough to let a person keep a role, and to end it where they no longer stand there.
 * With a role that ends goes what agents have by it. Undefined when there are no more.
 */
export async function applyRoles(tx: Tx, after: string, unknownCodes: readonly string[], now: Date): Promise<Applied | undefined> {
  const numbers = await listUnits(tx, after, setRows);
  if (numbers.length === 0) return undefined;
  const staged = await listStagedRoles(tx, numbers, unknownCodes);
  const personsAdded = await savePersons(tx, staged);
  const named = staged.filter((role) => role.holderNumber !== null);
  const parties = await partiesByNumber(tx, [...new Set([...numbers, ...named.map((role) => role.holderNumber!)])]);
  const at = numbers.flatMap((number) => parties.get(number)?.id ?? []);

  const roles = named.flatMap((role) => rowOf(role, parties));
  const bornOn = staged.flatMap(({ at, role, holderKind, holderNumber, born }) => {
    const party = parties.get(at);
    return holderKind === 'person' && holderNumber === null && born && party ? [{ at: party.id, role, born }] : [];
  });
  const { added, ended } = await replaceRegisteredRoles(tx, { at, roles, bornOn });
  await endWithRoles(tx, at, { at: now, who: budstikkeItself });
  return {
    through: numbers.at(-1)!,
    rows: numbers.length,
    counts: {
      rolesAdded: added,
      rolesEnded: ended,
      personsAdded,
      personsUnnamed: staged.length - named.length,
      holdersUnknown: named.length - roles.length,
      unitsWithRoles: new Set(staged.map((role) => role.at)).size,
    },
  };
}

function rowOf({ at, role, holderNumber }: StagedRole, parties: ReadonlyMap<string, Party>) {
  const [place, holder] = [parties.get(at), parties.get(holderNumber!)];
  return place && holder ? [{ at: place.id, holder: holder.id, role }] : [];
}

/** Persons whom nobody knew come to be; the names of others are not the register's to change. */
async function savePersons(tx: Tx, staged: readonly StagedRole[]): Promise<number> {
  const persons = new Map(
    staged.flatMap((r) => (r.holderKind === 'person' && r.holderNumber !== null ? [[r.holderNumber, r.holderName ?? 'Ukjent']] : [])),
  );
  const known = await partiesByNumber(tx, [...persons.keys()]);
  const fresh = [...persons].filter(([number]) => !known.has(number));
  saveParties(
    tx,
    fresh.map(([number, name]) => ({ kind: 'person', number, name })),
  );
  return fresh.length;
}
