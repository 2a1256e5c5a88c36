import { readFileSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

const Code = Type.String({ pattern: '^\\S{1,100}$' });
const Texts = Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() });
const Flag = Type.Boolean();

/** Roles, access packages and who gets what: the facts that a platform decides, as data with a version. */
export const SeedDocument = Type.Object(
  {
    /** A date as a number (20260801): a higher one replaces what a lower one said. */
    version: Type.Integer({ minimum: 1, maximum: 99_991_231 }),
    source: Type.String(),
    roles: Type.Array(
      Type.Object({
        code: Code,
        urn: Code,
        legacyCode: Type.Union([Code, Type.Null()]),
        isKeyRole: Flag,
        entityType: Type.Union([Type.String(), Type.Null()]),
        name: Texts,
      }),
    ),
    packages: Type.Array(
      Type.Object({
        code: Code,
        urn: Code,
        id: Type.String({ format: 'uuid' }),
        area: Type.String(),
        entityType: Type.String(),
        isDelegable: Flag,
        isAssignable: Flag,
        name: Texts,
      }),
    ),
    /** Role → the roles that follow from it. */
    implications: Type.Record(Type.String(), Type.Array(Code)),
    rolePackages: Type.Array(
      Type.Object({
        role: Code,
        unitType: Type.Union([Type.String(), Type.Null()]),
        hasAccess: Flag,
        canDelegate: Flag,
        packages: Type.Array(Code),
      }),
    ),
  },
  { additionalProperties: false },
);
export type SeedDocument = Static<typeof SeedDocument>;

const shape = Compile(SeedDocument);

/** A document that somebody hands in. Throws, naming the first thing that does not fit. */
export function readSeedDocument(given: unknown): SeedDocument {
  if (shape.Check(given)) return given;
  const first = shape.Errors(given)[0];
  throw new Error(
    `This is no document of roles and access packages: ${first?.instancePath || 'the whole'} ${first?.message ?? 'does not fit'}`,
  );
}

/** The document that comes with the program. */
export function builtInSeed(): SeedDocument {
  return readSeedDocument(JSON.parse(readFileSync(new URL('./roles-and-packages.json', import.meta.url), 'utf8')));
}

export interface Implication {
  readonly has: string;
  readonly gets: string;
  readonly kind: 'has' | 'can-delegate';
}

/**
 * Whoever administers access does not thereby have it. What follows from these two is only what they may hand on: to read
 * it as access would let an administrator open confidential post that nobody has given to anybody.
 */
const administering: readonly string[] = ['hovedadministrator', 'tilgangsstyrer'];

/**
 * Every role that follows from a role, by one step or several. From an administrator's role everything follows as
 * something to hand on, whatever the steps.
 */
export function implicationsOf(document: SeedDocument): Implication[] {
  return Object.keys(document.implications).flatMap((has) => {
    const kind = administering.includes(has) ? 'can-delegate' : 'has';
    return [...follows(document, has)].map((gets) => ({ has, gets, kind }) as const);
  });
}

function follows(document: SeedDocument, from: string): Set<string> {
  const found = new Set<string>();
  const ahead = [...(document.implications[from] ?? [])];
  for (let role = ahead.pop(); role !== undefined; role = ahead.pop()) {
    if (role === from || found.has(role)) continue;
    found.add(role);
    if (!administering.includes(role)) ahead.push(...(document.implications[role] ?? []));
  }
  return found;
}

export interface RolePackage {
  readonly role: string;
  readonly package: string;
  readonly unitType: string | null;
  readonly hasAccess: boolean;
  readonly canDelegate: boolean;
}

/**
 * The packages of each role, one by one, with those of the roles that follow from it. An administrator's role gives none to use.
 */
export function rolePackagesOf(document: SeedDocument): RolePackage[] {
  const own = document.rolePackages.flatMap(({ role, unitType, hasAccess, canDelegate, packages }) =>
    packages.map((code) => ({ role, package: code, unitType, hasAccess: hasAccess && !administering.includes(role), canDelegate })),
  );
  const ofRole = Map.groupBy(own, ({ role }) => role);
  const implied = implicationsOf(document).filter(({ kind }) => kind === 'has');
  return [...own, ...implied.flatMap(({ has, gets }) => (ofRole.get(gets) ?? []).map((row) => ({ ...row, role: has })))];
}
