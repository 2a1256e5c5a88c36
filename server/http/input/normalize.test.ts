import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Type from 'typebox';
import { Enumeration, Nullable, OpenEnumeration, StringMap, Timestamp, Uuid } from '../../kernel/schema.ts';
import { normalize } from './normalize.ts';

const Channel = Enumeration('Channel', { Email: 0, Sms: 1, EmailPreferred: 2 });
const Letter = Type.Object({
  resourceId: Type.String(),
  count: Type.Optional(Type.Integer()),
  share: Type.Optional(Type.Number()),
  isConfidential: Type.Optional(Nullable(Type.Boolean())),
  dueDateTime: Type.Optional(Nullable(Timestamp)),
  key: Type.Optional(Nullable(Uuid)),
  channel: Type.Optional(Channel),
  template: Type.Optional(OpenEnumeration('Template', { Custom: 0, Generic: 1 })),
  propertyList: Type.Optional(StringMap),
  recipients: Type.Optional(Type.Array(Type.String())),
  content: Type.Optional(Type.Object({ messageTitle: Type.String(), linkURL: Type.Optional(Type.String()) })),
});

const json = (value: unknown) => normalize(Letter, value, 'json');
const text = (value: unknown) => normalize(Letter, value, 'text');

test('given member names in another case, when a body is normalized, then they have the names of the schema, at every depth', () => {
  assert.deepEqual(json({ ResourceID: 'r', CONTENT: { MessageTitle: 'T', linkurl: 'https://x' } }), {
    resourceId: 'r',
    content: { messageTitle: 'T', linkURL: 'https://x' },
  });
});

test('given an id as .NET writes it, when it comes in a path, query or form, then it is the same id; in JSON only with dashes', () => {
  const key = '01a2294e-3c00-714c-aca1-393d5a62e420';
  const bare = key.replaceAll('-', '').toUpperCase();
  for (const form of [key, key.toUpperCase(), ` ${key} `, bare, `{${key}}`, `(${key.toUpperCase()})`]) {
    assert.deepEqual(text({ resourceId: 'r', key: form }), { resourceId: 'r', key }, form);
  }
  for (const form of [bare.slice(1), `{${key}`, `{${key})`, `(${key}}`, `{${bare}}`, `{{${key}}}`, `${bare}${bare}`]) {
    assert.deepEqual(text({ resourceId: 'r', key: form }), { resourceId: 'r', key: form.toLowerCase() }, form);
  }
  for (const form of [bare, `{${key}}`])
    assert.deepEqual(json({ resourceId: 'r', key: form }), { resourceId: 'r', key: form.toLowerCase() });
});

test('given the same member twice in two cases, when a body is normalized, then the last one holds', () => {
  assert.deepEqual(json({ resourceId: 'first', ResourceId: 'last' }), { resourceId: 'last' });
});

test('given unknown members, when a body is normalized, then they are dropped at every depth', () => {
  assert.deepEqual(json({ resourceId: 'r', sender: 'x', content: { messageTitle: 'T', messageFoot: 'F' } }), {
    resourceId: 'r',
    content: { messageTitle: 'T' },
  });
});

test('given a schema that closes its members, when an unknown one comes, then it stays for validation to name', () => {
  const closed = Type.Object({ a: Type.Optional(Type.String()) }, { additionalProperties: false });

  assert.deepEqual(normalize(closed, { A: 'x', b: 1 }, 'json'), { a: 'x', b: 1 });
});

test('given an enumeration by name in any case, by integer or by integer as text, when it is normalized, then it is the canonical name', () => {
  for (const given of ['sms', 'SMS', 'Sms', ' sms ', 1, '1']) assert.deepEqual(json({ channel: given }), { channel: 'Sms' }, String(given));
  for (const given of ['fax', 9, '9', 1.5, true, {}, []]) {
    const { channel } = json({ channel: given }) as { channel: unknown };
    assert.notEqual(typeof channel === 'string' && ['Email', 'Sms', 'EmailPreferred'].includes(channel), true, String(given));
  }
});

test('given an open enumeration, when an integer outside the list comes, then it goes through as a number', () => {
  assert.deepEqual(json({ template: 7 }), { template: 7 });
  assert.deepEqual(text({ template: '7' }), { template: 7 });
  assert.deepEqual(json({ template: 1 }), { template: 'Generic' });
});

test('given numbers and booleans as text, when they are normalized, then they are numbers and booleans; anything else stays', () => {
  assert.deepEqual(json({ count: '42', share: '-1.5e2', isConfidential: 'TRUE' }), { count: 42, share: -150, isConfidential: true });
  for (const count of ['', ' ', '4 2', '0x10', '1.5', 'NaN', 'Infinity', '99999999999999999999', '1_000']) {
    assert.deepEqual(json({ count }), { count }, count);
  }
  for (const isConfidential of ['yes', '1', '', 'truer']) assert.deepEqual(json({ isConfidential }), { isConfidential });
});

test('given an empty text, when it comes from a form or query, then a nullable value is null and an optional one is absent', () => {
  const given = { resourceId: '', dueDateTime: '', key: '', isConfidential: '', count: '', channel: '' };

  assert.deepEqual(text(given), { resourceId: '', dueDateTime: null, key: null, isConfidential: null });
  assert.deepEqual(json({ dueDateTime: '', key: '' }), { dueDateTime: '', key: '' });
});

test('given one text for a list or several for a single value, when they come from a query, then a list has one and a value is the first', () => {
  assert.deepEqual(text({ recipients: 'a', resourceId: ['first', 'second'] }), { recipients: ['a'], resourceId: 'first' });
  assert.deepEqual(json({ recipients: 'a', resourceId: ['first'] }), { recipients: 'a', resourceId: ['first'] });
});

test('given an instant as clients write it, when it is normalized, then it is full and has an offset', () => {
  const cases: [string, string][] = [
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00Z'],
    ['2026-11-24T10:00:00', '2026-11-24T10:00:00Z'],
    ['2026-11-24T10:00', '2026-11-24T10:00:00Z'],
    ['2026-11-24', '2026-11-24T00:00:00Z'],
    ['2026-11-24 10:00:00', '2026-11-24T10:00:00Z'],
    ['2026-11-24t10:00:00z', '2026-11-24T10:00:00Z'],
    ['2026-11-24T10:00:00.1234567+01:00', '2026-11-24T10:00:00.123456+01:00'],
    ['2026-11-24T10:00:00+0100', '2026-11-24T10:00:00+01:00'],
    ['2026-11-24T10:00:00-02', '2026-11-24T10:00:00-02:00'],
    ['2026-11-24T10:00:00 01:00', '2026-11-24T10:00:00+01:00'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
  ];
  for (const [given, expected] of cases) assert.deepEqual(json({ dueDateTime: given }), { dueDateTime: expected }, given);
});

test('given what is no instant, when it is normalized, then it stays as it is for validation to refuse', () => {
  for (const dueDateTime of [
    '2025-02-29',
    '2026-13-01',
    '0000-01-01',
    '2026-11-24T24:00:00Z',
    '2026-11-24T10:00:60Z',
    '24.11.2026',
    '2026-11-24T10:00:00+15:00',
    'tomorrow',
    '2026-11-24T10:00:00+01:60',
  ]) {
    assert.deepEqual(json({ dueDateTime }), { dueDateTime }, dueDateTime);
  }
});

test('given a UUID in upper case, when it is normalized, then it is lower case', () => {
  assert.deepEqual(json({ key: '0198F0A0-0000-7000-8000-00000000000A' }), { key: '0198f0a0-0000-7000-8000-00000000000a' });
});

test('given a dictionary, when it is normalized, then keys keep their case, and a key named __proto__ is a key like any other', () => {
  const given = JSON.parse('{"propertyList":{"Kid":"1","kid":"2","__proto__":"3","constructor":"4"}}');

  const { propertyList } = json(given) as { propertyList: Record<string, string> };

  assert.deepEqual(Object.entries(propertyList), [
    ['Kid', '1'],
    ['kid', '2'],
    ['__proto__', '3'],
    ['constructor', '4'],
  ]);
  assert.equal(Object.getPrototypeOf(propertyList), Object.prototype);
});

test('given members named __proto__ and constructor, when a body is normalized, then nothing inherits from them', () => {
  const given = JSON.parse('{"__proto__":{"isConfidential":true},"constructor":{"prototype":{"polluted":1}},"resourceId":"r"}');

  const result = json(given) as { isConfidential?: boolean };

  assert.deepEqual(result, { resourceId: 'r' });
  assert.equal(result.isConfidential, undefined);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test('given a union of objects, when one alternative fits, then that one is normalized', () => {
  const Kinds = Type.Union([
    Type.Object({ kind: Type.Literal('person'), age: Type.Integer() }),
    Type.Object({ kind: Type.Literal('organization'), unitType: Type.String() }),
  ]);

  assert.deepEqual(normalize(Kinds, { KIND: 'organization', UnitType: 'ORGL', x: 1 }, 'json'), { kind: 'organization', unitType: 'ORGL' });
  assert.deepEqual(normalize(Kinds, { kind: 'person', age: '7' }, 'json'), { kind: 'person', age: 7 });
});

test('given an intersection of objects, when it is normalized, then the members of all parts are known', () => {
  const Both = Type.Intersect([Type.Object({ first: Type.Integer() }), Type.Object({ second: Type.Boolean() })]);

  assert.deepEqual(normalize(Both, { First: '1', SECOND: 'false', third: 0 }, 'json'), { first: 1, second: false });
});

test('given lists and dictionaries past their bounds, when they are normalized, then one more than the bound is looked at', () => {
  const Bounded = Type.Object({
    list: Type.Array(Type.Integer(), { maxItems: 3 }),
    dictionary: Type.Record(Type.String(), Type.String(), { maxProperties: 3 }),
  });
  let looks = 0;
  const counted = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, key, self) => {
        if (typeof key === 'string' && /^k?\d+$/.test(key)) looks += 1;
        return Reflect.get(of, key, self);
      },
    });
  const list = counted(Array(100_000).fill('1'));
  const dictionary = counted(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, 'v'])));

  const normal = normalize(Bounded, { list, dictionary }, 'json');

  assert.deepEqual(normal, { list: [1, 1, 1, 1], dictionary: { k0: 'v', k1: 'v', k2: 'v', k3: 'v' } });
  assert.equal(looks, 8);
  assert.deepEqual(normalize(Bounded, { list: ['1', '2', '3'] }, 'json'), { list: [1, 2, 3] }, 'at the bound nothing is cut');
});

test('given a body a million levels deep, when it is normalized, then the walk is only as deep as the schema', () => {
  const deep = JSON.parse(`${'{"content":'.repeat(500_000)}1${'}'.repeat(500_000)}`);

  assert.deepEqual(json(deep), { content: {} });
});

test('given any value, when it is normalized, then it is not changed, nothing is thrown, and a second time changes nothing', () => {
  const names = fc.constantFrom(
    'resourceId',
    'ResourceID',
    'COUNT',
    'channel',
    'propertyList',
    'recipients',
    'content',
    'dueDateTime',
    'key',
    '__proto__',
    'x',
  );
  const leaf = fc.oneof(
    fc.string(),
    fc.constantFrom('1', 'true', '', 'sms', '2026-11-24'),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('node'), { maxLength: 4 }), fc.dictionary(names, tie('node'), { maxKeys: 6 })),
  })).node;
  fc.assert(
    fc.property(tree, fc.constantFrom('json' as const, 'text' as const), (value, source) => {
      const before = structuredClone(value);
      const once = normalize(Letter, value, source);
      assert.deepEqual(structuredClone(value), before);
      if (source === 'json') assert.deepEqual(structuredClone(normalize(Letter, once, source)), structuredClone(once));
    }),
    { numRuns: 2000 },
  );
});
