import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Type from 'typebox';
import { Nullable, StringMap, Uuid } from '../../kernel/schema.ts';
import { type Field, shapeForm } from './form-shape.ts';

const Form = Type.Object({
  recipients: Type.Array(Type.String()),
  existingAttachments: Type.Optional(Type.Array(Uuid)),
  idempotentKey: Type.Optional(Nullable(Uuid)),
  correspondence: Type.Object({
    resourceId: Type.String(),
    propertyList: Type.Optional(Nullable(StringMap)),
    content: Type.Optional(
      Type.Object({
        messageTitle: Type.String(),
        attachments: Type.Optional(Type.Array(Type.Object({ fileName: Type.String(), checksum: Type.Optional(Type.String()) }))),
      }),
    ),
    notification: Type.Optional(
      Nullable(Type.Object({ customRecipients: Type.Optional(Type.Array(Type.Object({ emailAddress: Type.String() }))) })),
    ),
  }),
});
const shape = (...fields: Field[]) => shapeForm(Form, fields);

test('given dotted names in any case and order, when a form is read, then they make the object of the schema', () => {
  const expected = {
    recipients: ['a', 'b'],
    correspondence: {
      resourceId: 'r',
      content: { messageTitle: 'T', attachments: [{ fileName: 'x.pdf' }, { fileName: 'y.pdf', checksum: 'c' }] },
    },
  };
  const fields: Field[] = [
    ['recipients[1]', 'b'],
    ['Correspondence.Content.Attachments[1].Checksum', 'c'],
    ['correspondence.content.messageTitle', 'T'],
    ['CORRESPONDENCE.CONTENT.ATTACHMENTS[0].FILENAME', 'x.pdf'],
    ['Recipients[0]', 'a'],
    ['correspondence.ResourceId', 'r'],
    ['correspondence.content.attachments[1].filename', 'y.pdf'],
  ];

  assert.deepEqual(shape(...fields), expected);
  assert.deepEqual(shape(...fields.toReversed()), expected);
});

test('given names under request., when any stands there, then only those are read', () => {
  assert.deepEqual(
    shape(['request.correspondence.resourceId', 'r'], ['Request.Recipients[0]', 'a'], ['recipients[0]', 'z'], ['idempotentKey', 'k']),
    {
      recipients: ['a'],
      correspondence: { resourceId: 'r' },
    },
  );
});

test('given a list with a gap, when a form is read, then it ends at the gap', () => {
  assert.deepEqual(shape(['recipients[0]', 'a'], ['recipients[2]', 'c']), { recipients: ['a'] });
  assert.deepEqual(shape(['recipients[1]', 'b'], ['recipients[2]', 'c']), {});
});

test('given a name repeated, when it is a list, then all are read; when it is a single value, then the first', () => {
  assert.deepEqual(shape(['recipients', 'a'], ['Recipients', 'b'], ['recipients[]', 'c']), { recipients: ['a', 'b', 'c'] });
  assert.deepEqual(shape(['idempotentKey', 'first'], ['IdempotentKey', 'second']), { idempotentKey: 'first' });
});

test('given a dictionary in either spelling, when a form is read, then keys keep their case and their dots', () => {
  assert.deepEqual(
    shape(
      ['Correspondence.PropertyList.senderOrgNumber', '1'],
      ['correspondence.propertyList[Kid]', '2'],
      ['correspondence.propertyList.a.B', '3'],
      ['correspondence.propertyList[x.y]', '4'],
    ),
    { correspondence: { propertyList: { senderOrgNumber: '1', Kid: '2', 'a.B': '3', 'x.y': '4' } } },
  );
});

test('given unknown names, when a form is read, then they are not', () => {
  assert.deepEqual(
    shape(
      ['correspondence.visibleFrom', 'x'],
      ['attachmentsX', 'y'],
      ['', 'z'],
      ['correspondence', 'q'],
      ['correspondence.content.notification.a', 'n'],
    ),
    {},
  );
});

test('given an item of a list of which nothing is known, when a form is read, then it is as if it were not there', () => {
  assert.deepEqual(shape(['correspondence.resourceId', 'r'], ['correspondence.content.attachments[0].Sender', 'x']), {
    correspondence: { resourceId: 'r' },
  });
  assert.deepEqual(
    shape(
      ['correspondence.content.attachments[0].fileName', 'a.pdf'],
      ['correspondence.content.attachments[0].Sender', 'x'],
      ['correspondence.content.attachments[1].Sender', 'x'],
    ),
    { correspondence: { content: { attachments: [{ fileName: 'a.pdf' }] } } },
  );
});

test('given no fields, when a form is read, then it is an empty object', () => {
  assert.deepEqual(shape(), {});
});

test('given a dictionary key named __proto__, when a form is read, then it is a key like any other', () => {
  const { correspondence } = shape(['correspondence.propertyList.__proto__', 'x'], ['__proto__.resourceId', 'y']) as {
    correspondence: { propertyList: object };
  };

  assert.deepEqual(Object.entries(correspondence.propertyList), [['__proto__', 'x']]);
  assert.equal(({} as { resourceId?: string }).resourceId, undefined);
});

test('given names made to be slow, when four times as many come, then reading them takes about four times the work', () => {
  const hostile = (many: number): Field[] =>
    Array.from({ length: many }, (_, i): Field[] => [
      [`${'['.repeat(400)}${i}`, ''],
      [`recipients[${i}].${'a.'.repeat(200)}`, ''],
      [`correspondence.propertyList.${'k'.repeat(200)}${i}`, ''],
    ]).flat();
  const bestOf = (fields: readonly Field[]): number =>
    Math.min(
      ...Array.from({ length: 4 }, () => {
        const started = process.cpuUsage();
        shapeForm(Form, fields);
        return process.cpuUsage(started).user;
      }),
    );
  const [few, many] = [hostile(800), hostile(3200)];
  bestOf(few); // warm

  const ratio = bestOf(many) / bestOf(few);

  assert.ok(ratio < 12, `four times the names took ${ratio.toFixed(1)} times the work`); // a square would be 16
});

test('given any names, when a form is read, then nothing is thrown and the order of names does not matter', () => {
  const part = fc.constantFrom(
    'correspondence',
    'recipients',
    'propertyList',
    'content',
    'attachments',
    '[0]',
    '[1]',
    '[',
    ']',
    '.',
    'request',
    '__proto__',
    'x',
  );
  const name = fc.array(part, { maxLength: 8 }).map((parts) => parts.join('.').replaceAll('.[', '['));
  fc.assert(
    fc.property(fc.uniqueArray(name, { selector: (one) => one.toLowerCase(), maxLength: 12 }), (names) => {
      const fields = names.map((one, i): Field => [one, String(i)]);
      assert.equal(typeof shapeForm(Form, fields), 'object');
    }),
    { numRuns: 2000 },
  );
});
