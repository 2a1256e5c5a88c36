import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileTransferId } from '#kernel/ids.ts';
import { type Refusal, refuse } from '#kernel/refusal.ts';
import { brokerErrors } from '../errors.ts';
import { transferStatuses } from '../states.ts';
import { tusErrors as e } from './errors.ts';
import { addressOf, checksumIn, partIdIn, wantedIn } from './protocol.ts';
import type { TusUploadId } from './store.ts';
import { decideWriting, type WritingFacts } from './write-upload.ts';

const id = '0198f0a0-0000-7000-8000-000000000000' as FileTransferId;
const facts = (upload: Partial<WritingFacts['upload']> = {}, more: Partial<Omit<WritingFacts, 'upload'>> = {}): WritingFacts => ({
  transfer: { id, state: 'UploadStarted', uploadId: 'first' },
  asked: 4,
  announced: 6,
  pieces: 1,
  ...more,
  upload: {
    id: id as string as TusUploadId,
    kind: 'whole',
    uploadId: 'first',
    offsetBytes: 4,
    lengthBytes: 10,
    isClaimed: false,
    isFinished: false,
    ...upload,
  },
});
const codeOf = (given: WritingFacts): number | string => {
  try {
    return decideWriting(given);
  } catch (error) {
    return (error as Refusal).row.code;
  }
};

test('given every state of a transfer, when bytes come, then they are written in one alone', () => {
  for (const state of Object.keys(transferStatuses) as (keyof typeof transferStatuses)[]) {
    const decided = codeOf(facts({}, { transfer: { id, state, uploadId: 'first' } }));
    assert.equal(decided, state === 'UploadStarted' ? 'write' : brokerErrors.alreadyUploaded.code, state);
  }
  assert.equal(codeOf(facts({ uploadId: 'other' })), brokerErrors.alreadyUploaded.code, 'the transfer was begun anew');
});

test('given an upload as it stands, when bytes come, then they are written where it is, and what is whole takes no more', () => {
  assert.equal(codeOf(facts({ kind: 'part' })), 'write');
  assert.equal(codeOf(facts({ kind: 'joined' })), e.joinedPatched.code);
  assert.equal(codeOf(facts({ isClaimed: true })), e.inUse.code);
  for (const asked of [0, 3, 5, 10]) assert.equal(codeOf(facts({}, { asked })), e.offset.code);
  assert.equal(codeOf(facts({}, { announced: 7 })), brokerErrors.fileTooLarge.code);
  for (const asked of [10, 11]) assert.equal(codeOf(facts({ offsetBytes: 10, isFinished: true }, { asked })), 'complete');
  assert.equal(codeOf(facts({ offsetBytes: 10 }, { asked: 9 })), e.offset.code);
});

test('given fifty thousand requests, when one more comes, then it is told how large they must be', () => {
  assert.equal(codeOf(facts({}, { pieces: 49_999 })), 'write');
  assert.throws(() => decideWriting(facts({ lengthBytes: 100_000_001 }, { pieces: 50_000 })), {
    message: `Upload exceeds maximum block count (50000) for file id ${id}. Increase TUS chunk size to at least 2001 bytes.`,
  });
});

test('given addresses of parts as clients write them, when they are read, then the last segment counts', () => {
  const part = partIdIn('f'.repeat(32))!;
  const address = addressOf(id, part);
  const wanted = wantedIn({ 'upload-concat': `final;${address} https://h.example:8/x${address}?a=b#c ${address}/` });
  assert.deepEqual(wanted, { kind: 'joined', parts: Array(3).fill('f'.repeat(32)) });
  for (const none of ['', 'x', 'f'.repeat(31), `${'f'.repeat(32)}0`, '../../etc/passwd', 'g'.repeat(32)])
    assert.equal(partIdIn(none), undefined);
});

test('given checksums that are none, when they are read, then each is refused', () => {
  for (const text of ['', 'md5', 'sha256 AAAA', `md5 ${'A'.repeat(22)}*=`, 'sha512 AAAA', `md5 ${'A'.repeat(44)}`]) {
    assert.throws(() => checksumIn(text), refuse(e.header).constructor as never, text);
  }
});
