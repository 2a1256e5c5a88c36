import type { Reader } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { codeOf } from './codes.ts';
import { attribute, category, type Match, permitsWhoever, type Rule, roleAttributes, ruleCovers } from './policy.ts';
import type { Texts } from './resource.ts';
import { findPolicies } from './store/resources.ts';
import { listRoleNamesByAnyCode } from './store/role-names.ts';

/** One thing that a rule asks of a reader: a role, a package, that it is their own post, the recipient's own system, or to be somebody named. */
export interface ReaderWord {
  readonly kind: 'role' | 'package' | 'self' | 'organization' | 'named' | 'anybody';
  /** Of a role or a package. */
  readonly code: string | null;
  readonly name: Texts | null;
}

/** Who can read what is sent on a resource, in words. */
export interface ReaderWords {
  /** Any of these is enough; all that stands in one is needed together. */
  readonly ways: readonly (readonly ReaderWord[])[];
  /** The policy asks for more than these words say: it denies, or compares what they do not name. */
  readonly more: boolean;
}

/** Who can read on these resources, as their rules say it. Unknown resources are left out. */
export async function describeReaders(reader: Reader, ids: readonly ResourceId[]): Promise<Map<ResourceId, ReaderWords>> {
  const policies = await findPolicies(reader, ids);
  const found = [...policies.values()].map(({ id, rules, accessList, lists }) => {
    const { ways, more } = readersIn(rules);
    return { id, ways, more: more || accessList !== null || (lists?.length ?? 0) > 0 };
  });
  const codes = found.flatMap(({ ways }) => ways.flat().flatMap(({ code }) => code ?? []));
  const names = await listRoleNamesByAnyCode(reader, [...new Set(codes)]);
  const named = (word: ReaderWord): ReaderWord => (word.code === null ? word : { ...word, name: names.get(word.code) ?? null });
  return new Map(found.map(({ id, ways, more }) => [id, { ways: ways.map((way) => way.map(named)), more }]));
}

/** Pure. The ways in which rules let somebody read, without names. */
export function readersIn(rules: readonly Rule[]): ReaderWords {
  const reading = rules.filter((rule) => ruleCovers(rule, 'read'));
  const ways = new Map<string, readonly ReaderWord[]>();
  let more = reading.some(({ effect }) => effect === 'deny');
  for (const rule of reading.filter(({ effect }) => effect === 'permit')) {
    if (permitsWhoever(rule)) {
      ways.set('anybody', [word('anybody')]);
      continue;
    }
    const asking = rule.target.filter((anyOf) => anyOf.some((allOf) => allOf.some(isOfSubject)));
    const [only] = asking;
    if (asking.length !== 1 || !only) {
      more = true;
      continue;
    }
    for (const allOf of only) {
      const words = allOf.filter(isOfSubject).map(wordOf);
      const known = words.filter((each) => each !== undefined);
      if (known.length < words.length || words.length === 0) more = true;
      else ways.set(known.map(({ kind, code }) => `${kind} ${code}`).join('+'), known);
    }
  }
  return { ways: [...ways.values()], more };
}

const isOfSubject = (match: Match): boolean => match.category === category.subject;

/** Roles of a person for their own post. */
const ownRoles: readonly string[] = ['priv', 'seln', 'privatperson', 'selvregistrert'];
const named: readonly string[] = [
  attribute.organizationNumber,
  attribute.legacyOrganizationNumber,
  attribute.personNumber,
  attribute.orgCode,
  attribute.partyNumber,
  attribute.partyUuid,
  attribute.systemUser,
];

function wordOf({ attribute: name, value }: Match): ReaderWord | undefined {
  if (roleAttributes.includes(name)) {
    const code = codeOf(value);
    return ownRoles.includes(code) ? word('self') : word('role', code);
  }
  if (name === attribute.package) return word('package', codeOf(value));
  if (name === attribute.partyType) return value === 'organization' ? word('organization') : undefined;
  return named.includes(name) ? word('named') : undefined;
}

const word = (kind: ReaderWord['kind'], code: string | null = null): ReaderWord => ({ kind, code, name: null });
