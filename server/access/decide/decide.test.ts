import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { attribute, category, type Match, matching, type Policy, type Rule } from '../policy.ts';
import { type Ask, decide, unreadComparisons } from './decide.ts';
import type { Fact, Subject } from './facts.ts';

const resource = 'en-ressurs' as ResourceId;
const skien: Subject = { id: 'a' as PartyId, kind: 'organization', number: '310000000', orgCode: 'skien', partyId: 50_000_001 };
const kari: Subject = { id: 'b' as PartyId, kind: 'person', number: '14886498226', orgCode: null, partyId: 50_000_002 };
const ask: Ask = { action: 'read', resource, instance: null, party: skien };
const dagl: Fact = { kind: 'role', value: 'daglig-leder', alias: 'dagl', path: ['role daglig-leder at 310000000'] };

function policy(...rules: Rule[]): Policy {
  return { id: resource, ownerId: skien.id, rules, minLevel: 0, accessList: null };
}

function permit(...matches: Match[]): Rule {
  return { effect: 'permit', actions: ['read'], target: [[matches]] };
}

function of(name: string, value: string, more: Partial<Match> = {}): Match {
  return { category: category.subject, attribute: name, match: matching.equal, value, ...more };
}

const effectFor = (rules: Policy, facts: readonly Fact[], subject = kari) => decide(rules, ask, { at: skien.id, subject, facts }).effect;

test('given a rule for a role, when its holder asks, then either code in any case permits and tells the role', () => {
  for (const value of ['DAGL', 'dagl', 'daglig-leder']) {
    assert.equal(effectFor(policy(permit(of(attribute.role, value))), [dagl]), 'permit', value);
  }
  assert.equal(effectFor(policy(permit(of(attribute.role, 'DaGl'))), [dagl]), 'not-applicable');
  const anyCase = policy(permit(of(attribute.role, 'DaGl', { match: matching.equalIgnoreCase })));
  assert.deepEqual(decide(anyCase, ask, { at: skien.id, subject: kari, facts: [dagl] }).path, ['role daglig-leder at 310000000']);
});

test('given rules that name a subject by number, code, party id or UUID, when that subject asks, then it is permitted, and nobody else', () => {
  const names: [string, string, Subject][] = [
    [attribute.organizationNumber, '310000000', skien],
    [attribute.legacyOrganizationNumber, '310000000', skien],
    [attribute.orgCode, 'skien', skien],
    [attribute.partyNumber, '50000001', skien],
    [attribute.partyUuid, 'b', kari],
    [attribute.personNumber, '14886498226', kari],
  ];
  for (const [name, value, subject] of names) {
    const rules = policy(permit(of(name, value)));
    assert.equal(effectFor(rules, [], subject), 'permit', name);
    assert.equal(effectFor(rules, [], subject === kari ? skien : kari), 'not-applicable', name);
  }
});

test('given all of several comparisons in one rule, when one is not met, then the rule does not apply', () => {
  const both = policy(permit(of(attribute.role, 'dagl'), of(attribute.package, 'ordinaer-post-til-virksomheten')));
  assert.equal(effectFor(both, [dagl]), 'not-applicable');
  assert.equal(effectFor(both, [dagl, { kind: 'package', value: 'ordinaer-post-til-virksomheten', path: [] }]), 'permit');
});

test('given a rule that compares what cannot be read, when somebody asks, then nobody is permitted and it is reported', () => {
  const strange = [
    of('urn:altinn:task', 'dagl'),
    of(attribute.role, 'dagl', { match: 'urn:oasis:names:tc:xacml:1.0:function:string-regexp-match' }),
    of(attribute.role, 'dagl', { category: 'urn:oasis:names:tc:xacml:3.0:attribute-category:environment' }),
    of('urn:altinn:app', 'dagl', { category: category.resource }),
    of('urn:altinn:task', 'dagl', { category: category.action }),
  ];
  for (const match of strange) {
    const verdict = decide(policy(permit(of(attribute.role, 'dagl'), match)), ask, { at: skien.id, subject: kari, facts: [dagl] });
    assert.equal(verdict.effect, 'not-applicable', JSON.stringify(match));
    assert.equal(verdict.unread.length, 1);
    assert.equal(unreadComparisons([permit(match)]).length, 1);
  }
});

test('given a rule that denies by what cannot be read, when somebody asks, then it denies', () => {
  const deny: Rule = { effect: 'deny', actions: ['read'], target: [[[of('urn:altinn:task', 'x')]]] };
  assert.equal(effectFor(policy(permit(of(attribute.role, 'dagl')), deny), [dagl]), 'deny');
});

test('given a rule that denies and one that permits, when both apply, then it is denied, even to whoever was given the resource', () => {
  const deny: Rule = { effect: 'deny', actions: ['read'], target: [[[of(attribute.role, 'dagl')]]] };
  const grant: Fact = { kind: 'grant', value: resource, actions: ['read'], instance: null, path: ['grant'] };
  assert.equal(effectFor(policy(permit(of(attribute.role, 'dagl')), deny), [dagl, grant]), 'deny');
  assert.equal(effectFor(policy(permit(of(attribute.role, 'lede')), deny), [grant]), 'permit');
});

test('given a grant of a resource or of one item, when it is asked about, then it permits its own actions on its own item only', () => {
  const grant = (instance: string | null): Fact => ({ kind: 'grant', value: resource, actions: ['read'], instance, path: ['grant'] });
  const on = (facts: Fact[], more: Partial<Ask>) => decide(policy(), { ...ask, ...more }, { at: skien.id, subject: kari, facts }).effect;
  assert.equal(on([grant(null)], {}), 'permit');
  assert.equal(on([grant(null)], { instance: 'x' }), 'permit');
  assert.equal(on([grant(null)], { action: 'write' }), 'not-applicable');
  assert.equal(on([grant('x')], { instance: 'x' }), 'permit');
  assert.equal(on([grant('x')], { instance: 'y' }), 'not-applicable');
  assert.equal(on([grant('x')], {}), 'not-applicable');
  assert.equal(on([{ ...grant(null), value: 'annen' } as Fact], {}), 'not-applicable');
});

test('given comparisons of the resource, the item and the action, when they are asked about, then they are read', () => {
  const resources = (name: string, value: string) => of(name, value, { category: category.resource });
  const met = [
    resources(attribute.resource, resource),
    resources(attribute.organizationNumber, '310000000'),
    resources(attribute.partyNumber, '50000001'),
    resources(attribute.partyType, 'organization'),
    of(attribute.action, 'read', { category: category.action }),
  ];
  for (const match of met) {
    assert.equal(effectFor(policy(permit(of(attribute.role, 'dagl'), match)), [dagl]), 'permit', match.attribute);
    assert.equal(
      effectFor(policy(permit(of(attribute.role, 'dagl'), { ...match, value: 'annet' })), [dagl]),
      'not-applicable',
      match.attribute,
    );
  }
  const item = permit(of(attribute.role, 'dagl'), resources(attribute.instance, 'urn:altinn:correspondence-id:x'));
  assert.equal(decide(policy(item), { ...ask, instance: 'x' }, { at: skien.id, subject: kari, facts: [dagl] }).effect, 'permit');
});

test('given any rules at all, when one that permits is taken away or one fact is lost, then nobody gains anything', () => {
  const match = fc.record({
    category: fc.constantFrom<string>(category.subject, category.resource, 'urn:elsewhere'),
    attribute: fc.constantFrom<string>(attribute.role, attribute.package, attribute.partyUuid, 'urn:altinn:task'),
    match: fc.constantFrom<string>(matching.equal, matching.equalIgnoreCase, 'regexp'),
    value: fc.constantFrom('dagl', 'DAGL', 'p', 'b'),
  });
  const rule: fc.Arbitrary<Rule> = fc.record({
    effect: fc.constantFrom('permit' as const, 'deny' as const),
    actions: fc.constantFrom(['read'], ['write'], []),
    target: fc.array(fc.array(fc.array(match, { maxLength: 2 }), { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 4 }), (rules) => {
      const facts: Fact[] = [dagl, { kind: 'package', value: 'p', path: [] }];
      const more = effectFor(policy(...rules), facts);
      for (const each of rules.filter((r) => r.effect === 'permit')) {
        if (more !== 'permit') assert.notEqual(effectFor(policy(...rules.filter((r) => r !== each)), facts), 'permit');
      }
      if (more === 'not-applicable') assert.notEqual(effectFor(policy(...rules), [dagl]), 'permit');
    }),
  );
});
