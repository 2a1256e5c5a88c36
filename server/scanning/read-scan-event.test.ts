import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScanEvent } from './read-scan-event.ts';

const result = (data: object) => ({ EventType: 'Microsoft.Security.MalwareScanningResult', data });

test('given an address with a query, when it is read, then the file is its last segment, and of the details only what may be shown is kept', () => {
  const scanResultDetails = { malwareNamesFound: ['Ond', 7, 'a\u0000b'], sha256: 'nope', notScannedReason: 'SAM259206', more: 'x' };
  assert.deepEqual(
    readScanEvent(result({ blobUri: 'https://files.example/x/ABC?sv=1&sig=x', scanResultType: ' Malicious ', scanResultDetails })),
    {
      kind: 'result',
      blobName: 'abc',
      isClean: false,
      verdict: 'Malicious',
      sha256: null,
      details: { malwareNamesFound: ['Ond'], notScannedReason: 'SAM259206' },
    },
  );
});

test('given the words for clean in any case, when they are read, then only those are clean', () => {
  const isClean = (scanResultType: string) => {
    const event = readScanEvent(result({ blobUri: 'https://x/a', scanResultType }));
    return typeof event !== 'string' && event.kind === 'result' && event.isClean;
  };
  assert.deepEqual(['No threats found', 'NO THREATS FOUND ', 'No threats', 'Malicious', 'Error', 'Not scanned'].map(isClean), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('given what is no event that we know, when it is read, then it is said what is wrong', () => {
  const wrong = [
    undefined,
    null,
    7,
    'x',
    [],
    {},
    { eventType: 'Microsoft.Storage.BlobCreated' },
    result({}),
    result({ blobUri: 'https://x/', scanResultType: 'x' }),
  ];
  for (const event of wrong) assert.equal(typeof readScanEvent(event), 'string', JSON.stringify(event));
});
