import type { Tx } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { accessErrors } from '../errors.ts';
import { readPolicy } from '../policies/read-policy.ts';
import { category, matchesOf, type Rule, roleAttributes, valuesNamed } from '../policy.ts';
import type { SaveResource } from '../resource.ts';
import { defaultShorthand, isConfidential, packagesNamed, policyClass, policyHash, rulesOf, type Shorthand } from '../shorthand.ts';
import { type KeptPolicy, savePolicyRows } from '../store/policies.ts';
import { saveSubjects } from '../store/resource-subjects.ts';
import { type StoredResource, saveResourceRows } from '../store/resources.ts';

/**
 * Stores resources with their policies, whole: what is left out takes its default. Saving the same again changes nothing;
 * another policy gets a new version. Joined writing: call `announceAccessChanges` when all is written.
 *
 * Refuses, before anything is sent: every row of `policyErrors`, confidentialContradicted, readerUnreadable, senderUnreadable.
 * A role or package that nobody knows fails the transaction, naming it (BS005).
 */
export function saveResources(tx: Tx, rows: readonly SaveResource[]): void {
  if (rows.length === 0) return;
  const stored = rows.map(storedOf);
  const rules = stored.flatMap((row) => row.rules);
  const roles = valuesNamed(rules, roleAttributes).map((code) => code.toLowerCase());
  saveResourceRows(tx, stored, { roles: [...new Set(roles)], packages: packagesNamed(rules) });
  savePolicyRows(tx, stored);
  saveSubjects(
    tx,
    stored.map(({ id, rules }) => ({ id, subjects: subjectsNamed(rules) })),
  );
}

/** What is longer names nobody, and does not fit the index. */
const longestSubject = 500;

/** Whom the rules permit something to, as `urn:value` in lower case. */
function subjectsNamed(rules: readonly Rule[]): string[] {
  const permitting = rules.filter(({ effect }) => effect === 'permit').flatMap(matchesOf);
  const named = permitting.filter((match) => match.category === category.subject);
  const urns = named.map((match) => `${match.attribute}:${match.value}`.toLowerCase());
  return [...new Set(urns)].filter((urn) => urn.length <= longestSubject);
}

function storedOf(row: SaveResource): StoredResource & KeptPolicy {
  const given = row.policyXml === undefined ? undefined : readPolicy(row.policyXml, row.id);
  const shorthand = given || row.rules ? null : shorthandOf(row);
  const rules = shorthand ? rulesOf({ id: row.id, ownerId: row.owner }, shorthand) : (given?.rules ?? row.rules ?? []);
  const confidential = isConfidential(rules);
  if (row.confidential !== undefined && row.confidential !== confidential)
    throw refuse(accessErrors.confidentialContradicted, { resource: row.id });
  const minLevel = Math.max(row.minLevel ?? 0, given?.minLevel ?? 0);
  const policy = { rules, minLevel, minLevelOrg: given?.minLevelOrg ?? null, accessList: row.accessList ?? null };
  return {
    ...policy,
    id: row.id,
    type: row.type,
    owner: row.owner,
    title: row.title,
    confidential,
    strictAltinn: row.strictAltinn ?? false,
    ladder: row.ladder ?? (confidential ? 'confidential' : 'ordinary'),
    unreachable: row.unreachable ?? (confidential ? 'refuse' : 'accept'),
    fallback: row.unreachable === 'fallback' ? (row.fallback ?? null) : null,
    demandsPerson: row.demandsPerson ?? false,
    packages: packagesNamed(rules),
    broker: row.broker ?? null,
    shorthand,
    policyXml: row.policyXml ?? null,
    policyClass: policyClass(policy),
    policyHash: policyHash(policy),
    implicit: row.implicit ?? false,
  };
}

function shorthandOf({ senders, readers }: SaveResource): Shorthand {
  return { senders: senders ?? defaultShorthand.senders, readers: readers ?? defaultShorthand.readers };
}
