import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerErrors } from '../../server/broker/errors.ts';
import { tusErrors } from '../../server/broker/tus/errors.ts';
import { Refusal, Unreachable } from '../api/ask.ts';
import { isSameFile, metadataIn, passesOver, rowOf } from './resume.ts';

const begun = { offset: 10, length: 100, fileName: 'plan.zip', lastModified: 5 };

test('given an upload that was begun, when a file is chosen again, then it is the same only by size and time, where the time is known', () => {
  const file = { size: 100, name: 'plan.zip', lastModified: 5 };
  assert.equal(isSameFile(begun, file), true);
  assert.equal(isSameFile(begun, { ...file, size: 99 }), false);
  assert.equal(isSameFile(begun, { ...file, lastModified: 6 }), false);
  assert.equal(isSameFile({ ...begun, lastModified: null }, { ...file, lastModified: 6 }), true, 'begun by another client');
  assert.equal(isSameFile(null, file), true, 'nothing has come yet');
});

test('given what an upload says of itself, when it is read, then names come as they were, and what is no base64 is left out', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const said = metadataIn(`filename ${base64('møte på øya.pdf')},lastModified ${base64('5')},empty,odd ###`);
  assert.deepEqual(
    [...said],
    [
      ['filename', 'møte på øya.pdf'],
      ['lastModified', '5'],
      ['empty', ''],
    ],
  );
  assert.equal(metadataIn('').size, 0);
});

test('given an upload that failed, when it is weighed, then silence is waited out, what another holds for a while, and a no is a no', () => {
  const said = (status: number) => new Refusal(status, {});
  assert.equal(passesOver(new Unreachable(), 1000), true);
  for (const status of [500, 503, 429, 408]) assert.equal(passesOver(said(status), 1000), true, String(status));
  for (const status of [409, 423])
    assert.deepEqual([passesOver(said(status), 1), passesOver(said(status), 7)], [true, false], String(status));
  for (const status of [400, 401, 403, 404, 413]) assert.equal(passesOver(said(status), 1), false, String(status));
  assert.equal(passesOver(new Error('NotReadableError'), 1), false);
});

test('given the lines that resumable upload answers with, when one is read, then it is known by its row', () => {
  const { transferNotFound, alreadyUploaded, resourceNotConfigured, checksumMismatch, fileTooLarge } = brokerErrors;
  for (const row of [transferNotFound, alreadyUploaded, resourceNotConfigured, checksumMismatch, fileTooLarge])
    assert.equal(rowOf(row.text), `BRO-${String(row.code).padStart(5, '0')}`);
  assert.equal(rowOf(tusErrors.inUse.text.replace('{id}', '0198f0a0-0000-7000-8000-000000000000')), 'BRO-09975');
  assert.equal(rowOf('Bad gateway'), undefined);
});
