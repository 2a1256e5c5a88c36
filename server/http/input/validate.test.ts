import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Enumeration, Nullable, Timestamp, Uuid, worded } from '../../kernel/schema.ts';
import { compileValidator } from './validate.ts';

const Letter = Type.Object({
  recipients: Type.Array(Type.String(), {
    minItems: 1,
    maxItems: 3,
    violation: { minItems: 'Recipients can not be empty', maxItems: 'Recipients can contain at most 3 recipients' },
  }),
  idempotentKey: Type.Optional(worded(Nullable(Uuid), { violation: 'The idempotency key must be a valid non-empty GUID' })),
  correspondence: Type.Object({
    content: Type.Object({
      messageTitle: Type.String({ minLength: 1, maxLength: 5 }),
      replyOptions: Type.Optional(
        Type.Array(Type.Object({ linkURL: Type.String({ maxLength: 4, violation: { required: 'A link is needed' } }) })),
      ),
    }),
    isConfidential: Type.Optional(Nullable(Type.Boolean())),
    dueDateTime: Type.Optional(Nullable(Timestamp)),
    channel: Type.Optional(Enumeration('NotificationChannelExt', { Email: 0, Sms: 1 })),
    checksum: Type.Optional(worded(Type.String({ maxLength: 3 }), { clrName: 'Md5' })),
    propertyList: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 3 }), {
        maxProperties: 2,
        propertyNames: Type.String({ maxLength: 2 }),
        violation: { maxProperties: 'At most 2 properties', propertyNames: 'Keys hold at most 2' },
      }),
    ),
  }),
});
const letter = (content: object = {}, rest: object = {}, top: object = {}) => ({
  recipients: ['a'],
  correspondence: { content: { messageTitle: 'T', ...content }, ...rest },
  ...top,
});
const json = compileValidator(Letter, 'json');
const form = compileValidator(Letter, 'form');

test('given a letter that fits, when it is checked, then there are no violations', () => {
  assert.equal(json(letter({}, { isConfidential: null, dueDateTime: null, channel: 'Sms', propertyList: { a: 'b' } })), undefined);
});

test('given missing members, when a letter is checked, then keys are those of the original and each is called required', () => {
  assert.deepEqual(json({}), [
    { key: 'Recipients', detail: 'The Recipients field is required.' },
    { key: 'Correspondence', detail: 'The Correspondence field is required.' },
  ]);
  assert.deepEqual(json({ recipients: ['a'], correspondence: { content: {} } }), [
    { key: 'Correspondence.Content.MessageTitle', detail: 'The MessageTitle field is required.' },
  ]);
});

test('given null or an empty text for what is required, when a letter is checked, then it is called required', () => {
  for (const messageTitle of [null, '']) {
    assert.deepEqual(json(letter({ messageTitle })), [
      { key: 'Correspondence.Content.MessageTitle', detail: 'The MessageTitle field is required.' },
    ]);
  }
  assert.deepEqual(json(letter({ replyOptions: [{ linkURL: null }] })), [
    { key: 'Correspondence.Content.ReplyOptions[0].LinkURL', detail: 'A link is needed' },
  ]);
});

test('given a text at and above its limit, when it is checked, then UTF-16 code units count', () => {
  assert.equal(json(letter({ messageTitle: '12345' })), undefined);
  assert.equal(json(letter({ messageTitle: '😀😀1' })), undefined);
  const tooLong = [
    {
      key: 'Correspondence.Content.MessageTitle',
      detail: 'The field MessageTitle must be a string with a minimum length of 1 and a maximum length of 5.',
    },
  ];
  assert.deepEqual(json(letter({ messageTitle: '123456' })), tooLong);
  assert.deepEqual(json(letter({ messageTitle: '😀😀😀' })), tooLong);
});

test('given a limit with words of its own, when it is passed, then those words are said', () => {
  assert.deepEqual(json({ ...letter(), recipients: [] }), [{ key: 'Recipients', detail: 'Recipients can not be empty' }]);
  assert.deepEqual(json({ ...letter(), recipients: ['a', 'b', 'c', 'd'] }), [
    { key: 'Recipients', detail: 'Recipients can contain at most 3 recipients' },
  ]);
  assert.deepEqual(json(letter({}, {}, { idempotentKey: 'x' })), [
    { key: 'IdempotentKey', detail: 'The idempotency key must be a valid non-empty GUID' },
  ]);
});

test('given values of the wrong kind in JSON, when a letter is checked, then keys are JSON paths and rules are not asked', () => {
  const wrong = letter(
    { messageTitle: 7, replyOptions: [{ linkURL: true }] },
    { isConfidential: 'maybe', dueDateTime: 'soon', channel: 'Fax', checksum: 'too long' },
    { recipients: 'a' },
  );

  assert.deepEqual(
    json(wrong)
      ?.map(({ key }) => key)
      .toSorted(),
    [
      '$.correspondence.channel',
      '$.correspondence.content.messageTitle',
      '$.correspondence.content.replyOptions[0].linkURL',
      '$.correspondence.dueDateTime',
      '$.correspondence.isConfidential',
      '$.recipients',
    ],
  );
  assert.deepEqual(json(letter({}, { channel: 'Fax' })), [
    {
      key: '$.correspondence.channel',
      detail: 'The JSON value could not be converted to NotificationChannelExt. Path: $.correspondence.channel.',
    },
  ]);
});

test('given values of the wrong kind in an operation of our own, when they are checked, then it is told what would have been taken', () => {
  const own = compileValidator(Letter, 'own');

  assert.deepEqual(own(letter({}, { channel: 'Fax', isConfidential: 'maybe' })), [
    { key: '$.correspondence.isConfidential', detail: 'The value must be of the kind boolean.' },
    { key: '$.correspondence.channel', detail: "'Fax' is none of Email, Sms." },
  ]);
  assert.deepEqual(own(letter({}, { channel: ['Sms'] })), [
    { key: '$.correspondence.channel', detail: 'The value must be of the kind string.' },
  ]);
  assert.deepEqual(own(letter({ messageTitle: '123456' }))?.[0]?.key, 'Correspondence.Content.MessageTitle');
});

test('given a condition with words of its own, when it does not hold, then those words alone are told', () => {
  const Reference = Type.Object(
    { kind: Type.String(), value: Type.String() },
    {
      if: { properties: { kind: { const: 'number' } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { value: { type: 'string', pattern: '^[0-9]+$' } } },
      violation: { if: 'A number has digits only' },
    },
  );
  const validate = compileValidator(Type.Object({ references: Type.Array(Reference) }), 'json');

  assert.equal(validate({ references: [{ kind: 'number', value: '7' }] }), undefined);
  assert.deepEqual(validate({ references: [{ kind: 'number', value: 'seven' }] }), [
    { key: 'References[0]', detail: 'A number has digits only' },
  ]);
});

test('given a value that is no object at all, when it is checked, then the key is the root', () => {
  for (const value of [[], 'x', 5, true])
    assert.deepEqual(json(value), [{ key: '$', detail: 'The JSON value could not be converted to object. Path: $.' }]);
});

test('given values of the wrong kind in a form, when it is checked, then keys are the original names and the value is told', () => {
  assert.deepEqual(form(letter({}, { isConfidential: 'maybe' })), [
    { key: 'Correspondence.IsConfidential', detail: "The value 'maybe' is not valid for IsConfidential." },
  ]);
});

test('given a name of the original that is not the member with a capital, when it is violated, then that name is the key', () => {
  assert.deepEqual(json(letter({}, { checksum: 'abcd' })), [
    { key: 'Correspondence.Md5', detail: "The field Md5 must be a string or array type with a maximum length of '3'." },
  ]);
});

test('given a dictionary past its limits, when it is checked, then each limit is told', () => {
  assert.deepEqual(json(letter({}, { propertyList: { a: '1', b: '2', c: '3' } })), [
    { key: 'Correspondence.PropertyList', detail: 'At most 2 properties' },
  ]);
  assert.deepEqual(json(letter({}, { propertyList: { abc: '1' } })), [
    { key: 'Correspondence.PropertyList', detail: 'Keys hold at most 2' },
  ]);
  assert.deepEqual(json(letter({}, { propertyList: { a: '1234' } })), [
    {
      key: 'Correspondence.PropertyList[a]',
      detail: "The field PropertyList must be a string or array type with a maximum length of '3'.",
    },
  ]);
});

test('given a query, when it is checked, then keys are its own names', () => {
  const query = compileValidator(Type.Object({ resourceId: Type.String(), role: Enumeration('Role', { Sender: 1 }) }), 'query');

  assert.deepEqual(query({ role: 'Owner' }), [
    { key: 'resourceId', detail: 'The resourceId field is required.' },
    { key: 'role', detail: "The value 'Owner' is not valid for role." },
  ]);
});

test('given a closed schema, when a member is unknown, then it is named', () => {
  const closed = compileValidator(Type.Object({ a: Type.Optional(Type.String()) }, { additionalProperties: false }), 'json');

  assert.deepEqual(closed({ aa: 1 }), [{ key: 'Aa', detail: "The member 'Aa' is not known here." }]);
});

test('given a thousand violations, when they are told, then there are no more than a hundred', () => {
  const many = compileValidator(Type.Object({ list: Type.Array(Type.String({ maxLength: 1 })) }), 'json');

  assert.equal(many({ list: Array.from({ length: 1000 }, () => 'xx') })?.length, 100);
});

test('given a name outside a closed list where null would do too, when it is checked, then it is refused', () => {
  const schema = Type.Object({ role: Type.Optional(Nullable(Enumeration('Role', { Sender: 0, Recipient: 1 }))) });
  const validate = compileValidator(schema, 'query');

  assert.equal(validate({ role: 'Sender' }), undefined);
  assert.equal(validate({ role: null }), undefined);
  assert.deepEqual(validate({ role: 'King' }), [{ key: 'role', detail: "The value 'King' is not valid for role." }]);
});

test('given any value that does not fit, when it is explained, then at least one violation is told', () => {
  const leaf = fc.constantFrom<unknown>(null, '', 'King', 'Sender', 1, -1, true, [], {}, 'x'.repeat(300));
  const schema = Type.Object({
    role: Type.Optional(Nullable(Enumeration('Role', { Sender: 0 }))),
    name: Nullable(Type.String({ minLength: 1, maxLength: 5 })),
    many: Type.Optional(Nullable(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: 2 }))),
  });
  const compiled = Compile(schema);
  const validate = compileValidator(schema, 'json');
  fc.assert(
    fc.property(
      fc.record({ role: leaf, name: leaf, many: fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })) }, { requiredKeys: [] }),
      (value) => {
        const told = validate(value);
        assert.equal(told === undefined, compiled.Check(value));
        assert.ok(told === undefined || told.length > 0);
      },
    ),
  );
});

test('given an offset that pushes an instant out of the calendar, when it is checked, then it is refused', () => {
  const validate = compileValidator(Type.Object({ at: Timestamp }), 'json');

  assert.equal(validate({ at: '9999-12-31T23:59:59+00:00' }), undefined);
  assert.ok(validate({ at: '9999-12-31T23:59:59-14:00' }));
  assert.ok(validate({ at: '0001-01-01T00:00:00+14:00' }));
});
