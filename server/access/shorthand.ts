import { createHash } from 'node:crypto';
import { refuse } from '#kernel/refusal.ts';
import { isOrganizationNumber } from '#register/index.ts';
import { accessErrors } from './errors.ts';
import { attribute, category, type Match, matching, type Policy, type Rule, ruleCovers, valuesNamed } from './policy.ts';

/** A policy as the town document writes it. */
export interface Shorthand {
  /** `owner`, `any`, or organization numbers. */
  readonly senders: 'owner' | 'any' | readonly string[];
  /** Role codes in either spelling, `package:…`, `self` for a person's own post, `organization` for a machine token of the party itself. */
  readonly readers: readonly string[];
}

export const defaultShorthand: Shorthand = {
  senders: 'owner',
  readers: ['DAGL', 'package:ordinaer-post-til-virksomheten', 'self', 'organization'],
};

/** Post that needs this package is confidential: nobody has it by role. */
export const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';
/** Post that can be reached by a grant of the resource alone. Confidential likewise. */
export const explicitPackage = 'eksplisitt';

/**
 * The rules that a shorthand stands for: readers may `read` and `subscribe`, senders may `write` and `subscribe`.
 * Refuses readerUnreadable and senderUnreadable; whether roles and packages exist is for the database to say.
 * Source: compatibility.md, correspondence, §9.1; the shorthand is ours.
 */
export function rulesOf(resource: { readonly id: string; readonly ownerId: string }, { senders, readers }: Shorthand): Rule[] {
  const readerMatches = readers.flatMap((reader) => matchesOfReader(resource.id, reader));
  const rules: Rule[] = [];
  if (readerMatches.length > 0)
    rules.push({ effect: 'permit', actions: ['read', 'subscribe'], target: [readerMatches.map((match) => [match])] });
  rules.push({ effect: 'permit', actions: ['write', 'subscribe'], target: targetOfSenders(resource, senders) });
  return rules.filter((rule) => rule.target.every((anyOf) => anyOf.length > 0));
}

function matchesOfReader(resource: string, reader: string): Match[] {
  if (reader === 'self') return [roleMatch('priv'), roleMatch('seln')];
  if (reader === 'organization') return [subjectMatch(attribute.partyType, 'organization')];
  const packageCode = /^package:([a-z0-9-]+)$/.exec(reader)?.[1];
  if (packageCode) return [subjectMatch(attribute.package, packageCode)];
  if (reader.includes(':') || !/^[\p{L}\d-]{2,}$/u.test(reader)) throw refuse(accessErrors.readerUnreadable, { resource, reader });
  return [roleMatch(reader.toLowerCase())];
}

function targetOfSenders(resource: { readonly id: string; readonly ownerId: string }, senders: Shorthand['senders']): Rule['target'] {
  if (senders === 'any') return [];
  if (senders === 'owner') return [[[subjectMatch(attribute.partyUuid, resource.ownerId)]]];
  const unreadable = senders.find((sender) => !isOrganizationNumber(sender));
  if (unreadable !== undefined) throw refuse(accessErrors.senderUnreadable, { resource: resource.id, sender: unreadable });
  return [senders.map((sender) => [subjectMatch(attribute.organizationNumber, sender)])];
}

function subjectMatch(name: string, value: string): Match {
  return { category: category.subject, attribute: name, match: matching.equal, value };
}

function roleMatch(code: string): Match {
  return { category: category.subject, attribute: attribute.role, match: matching.equalIgnoreCase, value: code };
}

/** The access packages that rules name. With an action: those of rules that permit it. */
export function packagesNamed(rules: readonly Rule[], action?: string): string[] {
  const asked = action === undefined ? rules : rules.filter((rule) => rule.effect === 'permit' && ruleCovers(rule, action));
  return valuesNamed(asked, [attribute.package]).map((code) => code.toLowerCase());
}

/** Whether post under these rules is confidential: it follows from what its readers must have. */
export function isConfidential(rules: readonly Rule[]): boolean {
  return packagesNamed(rules, 'read').some((code) => code === confidentialPackage || code === explicitPackage);
}

/** Alternatives in any order ask the same. */
function inOrder(rules: readonly Rule[]): unknown {
  return rules.map((rule) => ({ ...rule, target: rule.target.map((anyOf) => anyOf.map((allOf) => JSON.stringify(allOf)).sort()) }));
}

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);

/** Names what is asked of a reader: resources of one class have the same readers everywhere. */
export function policyClass(policy: Pick<Policy, 'rules' | 'minLevel' | 'accessList'>): string {
  return digest([inOrder(policy.rules.filter((rule) => ruleCovers(rule, 'read'))), policy.minLevel, policy.accessList]);
}

/** Names all that a policy asks of anybody. */
export function policyHash({ rules, minLevel, minLevelOrg, accessList }: Omit<Policy, 'id' | 'ownerId'>): string {
  return digest([inOrder(rules), minLevel, accessList, ...(minLevelOrg == null ? [] : [minLevelOrg])]);
}
