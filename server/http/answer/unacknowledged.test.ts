import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { lineOf, readTable } from './unacknowledged.ts';

test('given tables of sockets as the kernel prints them, when they are read, then each connection has the bytes that its other side has not acknowledged, without the end of the stream, and it is seen who has ended it', () => {
  const found: Parameters<typeof readTable>[1] = new Map();
  const row = (local: string, remote: string, state: string, queues: string): string =>
    `   1: ${local} ${remote} ${state} ${queues} 00:00000000 00000000     0        0 23796917 1 00000000590a954f 100 0 0 10 0                  `;
  const text = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    row('0100007F:1F90', '0100007F:D2F4', '01', '0001E240:00000000'),
    row('0100007F:1F90', '0100007F:D2F5', '09', '00000001:00000000'),
    row('0100007F:1F90', '0100007F:D2F6', '08', '00000000:00004000'),
    row('B80D0120000000000000000001000000:1F90', '0000000000000000FFFF00000200000A:0050', '04', '00000003:00000007'),
    row('B80D0120000000000000000001000000:1F90', 'B80D0120000000000000000002000000:0050', '01', '00000009:00000000'),
    '',
  ].join('\n');
  readTable(text, found);

  const at = (remoteAddress: string, remotePort: number) => found.get(lineOf({ localPort: 8080, remotePort, remoteAddress })!);
  assert.deepEqual(
    [at('127.0.0.1', 54004), at('127.0.0.1', 54005), at('::ffff:10.0.0.2', 80), at('2001:db8::2', 80), at('2001:db8::3', 80)].map(
      (one) => one?.bytes,
    ),
    endianness() === 'LE' ? [123_456, 0, 2, 9, undefined] : Array(5).fill(undefined),
  );
  assert.deepEqual(
    [54004, 54005, 54006].map((port) => at('127.0.0.1', port)?.isEnded),
    endianness() === 'LE' ? [false, false, true] : Array(3).fill(undefined),
  );
  for (const none of [{}, { remoteAddress: 'x', remotePort: 1, localPort: 1 }, { remoteAddress: '127.0.0.1', localPort: 1 }])
    assert.equal(lineOf(none as never), undefined);
});
