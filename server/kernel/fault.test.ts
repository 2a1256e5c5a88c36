import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFault } from './fault.ts';

test('given an error that names people, when it is described for the log, then numbers and addresses are masked', () => {
  const { message } = describeFault(new TypeError('no party 01017012345 (kari.nordmann@example.no, +4799999999) in 3 rows'));

  assert.equal(message, 'no party * (*, *) in 3 rows');
});

test('given an error whose message repeats data, when it is described, then the message is left out and its code is kept', () => {
  const invalid = Object.assign(new Error('invalid input syntax for type uuid: "Kari"'), { code: '22P02', detail: 'Key (name)=(Kari)' });
  assert.deepEqual([describeFault(invalid).code, describeFault(invalid).message], ['22P02', undefined]);
  const parsing = (() => {
    try {
      return JSON.parse('{"a": Kari}');
    } catch (error) {
      return error;
    }
  })();
  assert.ok(!JSON.stringify([describeFault(parsing), describeFault(invalid)]).includes('Kari'));
});

test('given an error of the database, when it is described, then its detail is left out and its place is told', () => {
  const twice = Object.assign(new Error('duplicate key value violates unique constraint "party_pkey"'), {
    code: '23505',
    detail: 'Key (number)=(01017012345) already exists.',
  });

  const { at, ...rest } = describeFault(twice);

  assert.deepEqual(rest, { error: 'Error', code: '23505', message: 'duplicate key value violates unique constraint "party_pkey"' });
  assert.ok(at!.length > 0 && at!.length <= 8 && at!.every((line) => line.startsWith('at ')));
});

test('given something thrown that is no error, when it is described, then only its kind is told', () => {
  assert.deepEqual(describeFault('Kari'), { error: 'string' });
});
