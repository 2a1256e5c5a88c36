import assert from 'node:assert/strict';
import { basename, join, resolve } from 'node:path';
import { test } from 'node:test';
import { createOutput, describeBytes, describeProgress } from './output.ts';
import { safeName } from './safe-name.ts';

test('given whatever a sender has called a file, when it gets a name here, then it stays in its directory, is seen, and is itself where it can be', () => {
  const names: readonly (readonly [string, string])[] = [
    ['rapport.pdf', 'rapport.pdf'],
    ['Æøå 文書 🙂.xml', 'Æøå 文書 🙂.xml'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system.ini', 'system.ini'],
    ['/etc/shadow', 'shadow'],
    ['..', 'id'],
    ['.', 'id'],
    ['', 'id'],
    ['/', 'id'],
    ['  . ', 'id'],
    ['.bashrc', '_bashrc'],
    ['-rf', '_rf'],
    ['--', 'id'],
    ['../.-x', '_x'],
    ['con', '_con'],
    ['NUL.txt', '_NUL.txt'],
    ['a\u0000b\nc.txt', 'abc.txt'],
    ['faktura\u202Efdp.exe', 'fakturafdp.exe'],
    ['a:b|c?.txt', 'a_b_c_.txt'],
    ['slutt. . ', 'slutt'],
    ['\ud800.bin', '\ufffd.bin'],
  ];
  for (const [given, expected] of names) {
    const name = safeName(given, 'id');
    assert.equal(name, expected, JSON.stringify(given));
    assert.equal(resolve('/inn', name), join('/inn', basename(name)));
  }
  for (const long of ['æ'.repeat(255), `${'🙂'.repeat(120)}.tar`]) {
    const name = safeName(long, 'id');
    assert.ok(Buffer.byteLength(name) <= 200 && name.isWellFormed(), name);
  }
  assert.match(safeName(`${'x'.repeat(300)}.pdf`, 'id'), /x\.pdf$/);
});

test('given bytes on their way, when a person looks, then size, share, rate and the time that is left are told; without a screen in plain lines, and with --json not', () => {
  const far = { what: 'sends a', bytes: 512 * 1024, totalBytes: 1024 * 1024, gained: 256 * 1024, seconds: 2 };
  assert.equal(describeProgress(far), 'sends a  50 %  512 KiB of 1.0 MiB, 128 KiB/s, 4 s left');
  assert.equal(describeProgress({ ...far, bytes: 0, totalBytes: 0, gained: 0, seconds: 0 }), 'sends a  100 %  0 B of 0 B, 0 B/s');
  assert.deepEqual([0, 1, 1023, 1024, 1536, 5 * 1024 ** 4].map(describeBytes), ['0 B', '1 B', '1023 B', '1.0 KiB', '1.5 KiB', '5.0 TiB']);

  const said = (isTTY: boolean, isJson = false): string => {
    let text = '';
    const write = (more: string): boolean => {
      text += more;
      return true;
    };
    const screen = { isTTY, columns: 100, write };
    const bar = createOutput(isJson, screen as never, { write: () => true } as never).progress('sends a', 100);
    bar.at(50);
    bar.end();
    return text;
  };
  assert.match(said(true), /█.*50 %.*\r/s);
  assert.equal(said(false).includes('\u001b'), false);
  assert.equal(said(false, true), '');
});
