import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasFormOfMailbox, isOneMailbox } from './email-address.ts';

test('given addresses that mail servers take, when they are judged, then each is one mailbox', () => {
  for (const address of [
    'ola@kontoret.example',
    'ola.nordmann+post@a.b.example',
    '"ola n"@kontoret.example',
    'bjørn@blåbær.no',
    `${'a'.repeat(64)}@x.no`,
  ])
    assert.ok(isOneMailbox(address), address);
});

test('given what is no address, two of them, or longer than mail servers take, when it is judged, then it is none', () => {
  const none = [
    '',
    'ola',
    '@x.no',
    'ola@',
    'a@b@c.no',
    'a@x.no,b@y.no',
    'a@x.no;b@y.no',
    'Ola <ola@x.no>',
    'a@x.no\r\nBcc: b@y.no',
    'a..b@x.no',
    '.a@x.no',
    'a@x..no',
    `${'a'.repeat(65)}@x.no`,
    `a@${'b'.repeat(64)}.no`,
  ];
  for (const address of none) assert.ok(!isOneMailbox(address), address);
});

test('given an address that is only too long, when its form is judged, then it is right', () => {
  const long = `${'a'.repeat(1000)}@x.no`;
  assert.deepEqual([hasFormOfMailbox(long), isOneMailbox(long)], [true, false]);
});

test('given a long text that is nearly an address, when it is judged, then it takes no longer than its length', () => {
  const cpu = process.cpuUsage();
  assert.ok(!hasFormOfMailbox(`${'a.'.repeat(100_000)}@`));
  assert.ok(process.cpuUsage(cpu).user < 2_000_000);
});
