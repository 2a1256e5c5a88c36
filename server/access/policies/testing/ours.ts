import assert from 'node:assert/strict';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { decide } from '../../decide/decide.ts';
import type { Fact, Subject } from '../../decide/facts.ts';
import type { Rule } from '../../policy.ts';
import { type Asking, id, type XDecision } from './standard.ts';

/** What the server decides for the same caller; `by` another decider than its own where one is tried. */
export function decideOurs(rules: readonly Rule[], given: Asking, by: typeof decide = decide): XDecision {
  const facts: Fact[] = [
    ...given.roles.map(({ code, alias }) => ({ kind: 'role' as const, value: code, alias, path: [] })),
    ...given.packages.map((value) => ({ kind: 'package' as const, value, path: [] })),
    ...(given.itself ? [{ kind: 'self' as const, value: given.kind, path: [] }] : []),
  ];
  const subject: Subject = {
    id: 'subject' as PartyId,
    kind: given.kind,
    number: given.kind === 'organization' ? given.number : '14886498226',
    orgCode: given.kind === 'organization' ? given.code : null,
    partyId: given.partyId,
  };
  const party: Subject = { id: 'party' as PartyId, kind: 'organization', number: given.at, orgCode: null, partyId: 9 };
  const { effect, unread } = by(
    { id: id as ResourceId, ownerId: 'owner' as PartyId, rules, minLevel: 0, accessList: null },
    { action: given.action, resource: id as ResourceId, instance: null, party },
    { at: party.id, subject, facts },
  );
  assert.deepEqual(unread, []);
  return ({ permit: 'Permit', deny: 'Deny', 'not-applicable': 'NotApplicable' } as const)[effect];
}
