import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { readPolicy } from './read-policy.ts';
import { readXml } from './xml.ts';

const resource = 'moved-post' as ResourceId;
const stored = (name: string) => readFileSync(new URL(`./testing/${name}.xml`, import.meta.url), 'utf8');
const moved = stored('moved-post');

function refusalOf(xml: string, of: ResourceId = resource): Refusal {
  try {
    readPolicy(xml, of);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `it was read: ${xml.slice(0, 200)}` });
}

test('given policies as service owners have written them, when they are read, then rules, names and levels are what they say', () => {
  const read = (name: string) => readPolicy(stored(name), name as ResourceId);
  const told = (name: string) => {
    const { rules, roles, packages, minLevel, minLevelOrg } = read(name);
    return { actions: rules.map((rule) => rule.actions.join(' ')), roles, packages, levels: [minLevel, minLevelOrg] };
  };

  assert.deepEqual(told('files-by-number'), {
    actions: ['read write subscribe', 'read subscribe'],
    roles: [],
    packages: [],
    levels: [2, null],
  });
  assert.deepEqual(told('post-by-party-id'), { actions: ['send see open', 'see open'], roles: [], packages: [], levels: [2, null] });
  assert.deepEqual(told('moved-post'), { actions: ['read subscribe', 'write subscribe'], roles: ['utinn'], packages: [], levels: [2, 3] });
  assert.deepEqual(told('service-for-leaders'), { actions: ['read', 'write'], roles: ['dagl'], packages: [], levels: [2, null] });
  assert.deepEqual(told('two-actions-at-once'), { actions: ['read write'], roles: ['dagl'], packages: [], levels: [2, null] });
  assert.equal(told('service-with-tasks').actions.length, 5);
  assert.deepEqual(told('sick-pay-dialog').actions, ['read subscribe access']);
  assert.deepEqual(told('sick-pay-dialog').levels, [3, 3]);
  assert.equal(told('sick-pay-dialog').roles.length + told('sick-pay-dialog').packages.length, 9);
});

test('given rule and policy with a target each, when it is read, then both must be met', () => {
  const target = /<xacml:AnyOf>[\s\S]*?<\/xacml:AnyOf>/.exec(moved)![0];

  const { rules } = readPolicy(moved.replace('<xacml:Target/>', `<xacml:Target>${target}</xacml:Target>`), resource);

  assert.deepEqual(
    rules.map((rule) => rule.target.length),
    [4, 4],
  );
  assert.deepEqual(rules[0]!.target[0], rules[0]!.target[1]);
});

test('given a rule without a target, when it is read, then it applies to everybody and to every action', () => {
  const { rules } = readPolicy(moved.replace(/<xacml:Rule [\s\S]*<\/xacml:Rule>/, '<xacml:Rule RuleId="all" Effect="Deny"/>'), resource);

  assert.deepEqual(rules, [{ effect: 'deny', actions: [], target: [] }]);
});

test('given the same policy with another prefix, comments, CDATA and Windows line ends, when it is read, then it says the same', () => {
  const variants = [
    moved.replaceAll('<xacml:', '<p:').replaceAll('</xacml:', '</p:').replaceAll('xmlns:xacml=', 'xmlns:p='),
    moved.replaceAll('<xacml:', '<').replaceAll('</xacml:', '</').replaceAll('xmlns:xacml=', 'xmlns='),
    moved.replaceAll('>read<', '><![CDATA[re]]>a<!-- not this -->d<'),
    moved.replaceAll('\n', '\r\n'),
    moved.replaceAll('"', "'"),
    moved.replace('Version="1.0"', 'Version="1.0" xmlns:xsi="x" xsi:schemaLocation="y"'),
  ];
  for (const variant of variants) assert.deepEqual(readPolicy(variant, resource), readPolicy(moved, resource));
});

test('given other ways of combining, when rules have one effect, then they are read, and refused when both permit and deny', () => {
  const combined = (algorithm: string, deny: boolean) =>
    moved
      .replace(/RuleCombiningAlgId="[^"]*"/, `RuleCombiningAlgId="${algorithm}"`)
      .replace('Effect="Permit"', `Effect="${deny ? 'Deny' : 'Permit'}"`);
  const prefix = 'urn:oasis:names:tc:xacml';
  for (const same of [
    `${prefix}:3.0:rule-combining-algorithm:permit-overrides`,
    `${prefix}:1.0:rule-combining-algorithm:first-applicable`,
  ]) {
    assert.equal(readPolicy(combined(same, false), resource).rules.length, 2);
    assert.match(refusalOf(combined(same, true)).message, /RuleCombiningAlgId/);
  }
  for (const same of [
    `${prefix}:1.0:rule-combining-algorithm:deny-overrides`,
    `${prefix}:1.1:rule-combining-algorithm:ordered-deny-overrides`,
  ]) {
    assert.deepEqual(
      readPolicy(combined(same, true), resource).rules.map((rule) => rule.effect),
      ['deny', 'permit'],
    );
  }
  for (const other of [`${prefix}:3.0:rule-combining-algorithm:deny-unless-permit`, 'x']) refusalOf(combined(other, false));
});

test('given several obligations of one kind, when they are read, then the highest level holds', () => {
  const level = (category: string, value: number) => `<xacml:ObligationExpression ObligationId="o" FulfillOn="Permit">
    <xacml:AttributeAssignmentExpression AttributeId="a" Category="urn:altinn:minimum-authenticationlevel${category}">
      <xacml:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#integer"> ${value} </xacml:AttributeValue>
    </xacml:AttributeAssignmentExpression></xacml:ObligationExpression>`;
  const obliging = (...all: string[]) =>
    moved.replace(/(<xacml:ObligationExpressions>)[\s\S]*(<\/xacml:ObligationExpressions>)/, (_, a, b) => a + all.join('') + b);

  const read = readPolicy(obliging(level('', 2), level('', 4), level('', 3), level('-org', 3)), resource);

  assert.deepEqual([read.minLevel, read.minLevelOrg], [4, 3]);
  for (const wrong of [
    level('', 5),
    level('-other', 3),
    level('', 3).replace('Permit', 'Deny'),
    level('', 3).replace('integer', 'string'),
  ]) {
    assert.equal(refusalOf(obliging(wrong)).row.code, 9151);
  }
});

/** What is changed in a policy that is read, and what the refusal must say. */
const outside: readonly (readonly [from: string | RegExp, to: string, told: RegExp])[] = [
  [/xacml:Policy/g, 'xacml:PolicySet', /\/PolicySet, line 2: a policy begins with Policy/],
  ['wd-17', 'wd-13', /\/Policy, line 2: Policy is not read/],
  [/ xmlns:xacml="[^"]*"/, ' xmlns:xacml="urn:oasis:names:tc:xacml:2.0:policy"', /Policy is not read/],
  ['<xacml:Target/>', '', /it lacks Target/],
  ['<xacml:Target/>', '<xacml:Target/><xacml:Target/>', /it has more than one Target/],
  [
    '<xacml:Target/>',
    '<xacml:Target/><xacml:VariableDefinition/>',
    /\/Policy\/VariableDefinition\[1\], line 3: VariableDefinition is not read/,
  ],
  ['</xacml:Rule>', '<xacml:Condition/></xacml:Rule>', /\/Policy\/Rule\[1\]\/Condition\[1\], line \d+: Condition is not read in Rule/],
  ['</xacml:Rule>', '<xacml:ObligationExpressions/></xacml:Rule>', /ObligationExpressions is not read in Rule/],
  ['</xacml:Rule>', '<xacml:AdviceExpressions/></xacml:Rule>', /AdviceExpressions/],
  ['</xacml:Rule>', 'text</xacml:Rule>', /text does not belong here/],
  ['</xacml:Rule>', '</xacml:Rule><x:Rule xmlns:x="other"/>', /Rule is not read/],
  ['Effect="Permit"', 'Effect="Maybe"', /Effect is Permit or Deny/],
  ['Effect="Permit"', '', /it lacks the attribute Effect/],
  ['Effect="Permit"', 'Effect="Permit" When="now"', /the attribute When is not read/],
  ['Version="1.0"', 'Version="1.0" MaxDelegationDepth="1"', /MaxDelegationDepth/],
  [/function:string-equal-ignore-case/, 'function:string-regexp-match', /Match\[1\], line \d+: MatchId is/],
  ['urn:altinn:rolecode', 'urn:altinn:shoe-size', /AttributeDesignator\[1\], line 11: nobody here knows this AttributeId/],
  [/subject-category:access-subject/, 'subject-category:codebase', /nobody here knows/],
  ['MustBePresent="false"', 'MustBePresent="true"', /MustBePresent is false/],
  ['MustBePresent="false"', 'MustBePresent="false" Issuer="x"', /the attribute Issuer is not read/],
  ['XMLSchema#string">UTINN', 'XMLSchema#anyURI">UTINN', /DataType is that of strings/],
  ['>UTINN<', '> UTINN <', /would never be met/],
  ['>UTINN<', '><', /would never be met/],
  ['<xacml:AllOf>', '<xacml:AllOf/><xacml:AllOf>', /\/AllOf\[1\], line \d+: it lacks Match/],
  ['<xacml:AnyOf>', '<xacml:AnyOf/><xacml:AnyOf>', /it lacks AllOf/],
  [/<xacml:AttributeDesignator[^>]*\/>/, '<xacml:AttributeSelector/>', /AttributeSelector is not read in Match/],
];

test('given a policy with one thing outside what is read, when it is read, then it is refused by element, path and line, and by no value', () => {
  for (const [from, to, told] of outside) {
    const changed = moved.replace(from, to);
    assert.notEqual(changed, moved, String(from));
    const refusal = refusalOf(changed);
    assert.equal(refusal.row.code, 9151, `${from} → ${to}: ${refusal.message}`);
    assert.match(refusal.message, told);
    assert.ok(!refusal.message.includes('UTINN'));
  }
});

test('given a rule that names another resource only, when it is read, then it is refused, for it would never apply', () => {
  const refusal = refusalOf(moved, 'other-post' as ResourceId);
  assert.equal(refusal.row.code, 9152);
  assert.match(refusal.message, /other-post.*\/Policy\/Rule\[1\], line 4/);

  const either = moved.replaceAll(
    /<xacml:AllOf>(?:(?!<\/xacml:AllOf>)[\s\S])*>moved-post<[\s\S]*?<\/xacml:AllOf>/g,
    (allOf) => allOf + allOf.replace('>moved-post<', '>other-post<'),
  );
  assert.equal(readPolicy(either, 'other-post' as ResourceId).rules.length, 2);
});

const torture: Readonly<Record<string, string>> = {
  empty: '',
  'nothing but space': ' \n ',
  'no XML': 'DAGL can read',
  JSON: '{"policy":"<xacml:Policy/>"}',
  'cut off': moved.slice(0, moved.length / 2),
  'cut off in a comment': `${moved}<!-- `,
  'two roots': `${moved.replace(/<\?xml.*\?>/, '')}<a/>`,
  'tags that cross': '<a><b></a></b>',
  'an attribute twice': moved.replace('Version="1.0"', 'Version="1.0" Version="1.0"'),
  'an attribute without quotes': '<a b=c/>',
  'a document type': `<!DOCTYPE a [<!ENTITY x "y">]>${moved.replace(/^.*\?>/, '')}`,
  'a thousand laughs': `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(1000)}">]><a>&b;</a>`,
  'a file of the server': '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
  'an entity that nobody declared': moved.replace('>UTINN<', '>&role;<'),
  'a character reference': moved.replace('>UTINN<', '>&#85;TINN<'),
  'a prefix that nobody declared': moved.replace(/ xmlns:xacml="[^"]*"/, ''),
  'a control character': moved.replace('UTINN', 'UT\u0001INN'),
  'a lone surrogate': moved.replace('UTINN', 'UT\ud800INN'),
  'reserved names': '<a><__proto__ x="1"/></a>',
  deep: `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`,
  'deep and never closed': '<a>'.repeat(300_000),
  large: moved.replace('<xacml:Target/>', `<xacml:Target/><!-- ${'x'.repeat(1024 * 1024)} -->`),
  'attributes without end': `<a ${'b="'.repeat(200_000)}`,
  'signs without end': '<'.repeat(1_000_000),
  'comments without end': '<!--'.repeat(250_000),
};

test('given texts that are no policy, when they are read, then each is refused and nothing of it is repeated', () => {
  for (const [what, text] of Object.entries(torture)) {
    const refusal = refusalOf(text);
    assert.ok([9150, 9151].includes(refusal.row.code), `${what}: ${refusal.message}`);
    assert.ok(refusal.message.length < 300, refusal.message);
  }
});

test('given thousands of namespaces and elements that each declare one more, when they are read, then each is found where it was declared, for the work of the same text without', () => {
  const size = 6000;
  const many = Array.from({ length: size }, (_, i) => ` xmlns:a${i}="urn:${i}"`).join('');
  const textOf = (declared: string) =>
    `<root${many}>${Array.from({ length: size }, (_, i) => `<a${i}:b ${declared}="urn:own-${i}"></a${i}:b>`).join('')}</root>`;
  const workOf = (text: string) => {
    const before = process.cpuUsage();
    const root = readXml(text);
    const { user, system } = process.cpuUsage(before);
    return { root, work: user + system };
  };
  workOf(textOf('d'));

  const [plain, declaring] = [workOf(textOf('d')), workOf(textOf('xmlns:d'))];

  assert.deepEqual([declaring.root.children.length, declaring.root.children[size - 1]!.namespace], [size, `urn:${size - 1}`]);
  assert.ok(declaring.work < plain.work * 8, `${declaring.work} for ${plain.work}`);
  assert.equal(readXml('<a xmlns:c="urn:1"><b xmlns:c="urn:2"><c:d/></b><c:e/></a>').children[1]!.namespace, 'urn:1');
  assert.throws(() => readXml('<a><b xmlns:c="urn:c"/><c:d/></a>'), /prefix c is not declared/);
});
