import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClamdScanner, type Scanner, simulatedScanner } from '#scanning/index.ts';
import { freePort } from '../process.ts';
import { eicar, startClamd as start, withClamd } from '../servers/clamd.ts';

const always = { skip: false, timeout: 180_000 } as const;
const timeoutMillis = 30_000;

const adapters: { name: string; options: { skip: false | string; timeout?: number }; open(): Promise<Scanner> }[] = [
  { name: 'simulated', options: always, open: async () => simulatedScanner },
  { name: 'clamd', options: withClamd, open: async () => (await startClamd()).scanner },
];

const letter = Buffer.from('Vedtaket ligger ved. '.repeat(100));
const mebibyte = Buffer.alloc(1024 * 1024, letter);
const manyMebibytes = 50;

const prematureClose = { code: 'ERR_STREAM_PREMATURE_CLOSE' };
const hungUp = /EPIPE|ECONNRESET|clamd cannot tell/;

const stops: (() => unknown)[] = [];
after(() => Promise.all(stops.map((stop) => stop())));

async function startClamd(options: Parameters<typeof start>[0] = {}) {
  const clamd = await start(options);
  stops.push(clamd.stop);
  return clamd;
}

for (const { name, options, open } of adapters) {
  describe(`scanning by ${name}`, () => {
    let opened: Promise<Scanner> | undefined;
    const scan = async (stream: Readable) => {
      opened ??= open();
      return (await opened).scan(stream);
    };
    const scanChunks = (...chunks: Buffer[]) => scan(Readable.from(chunks));
    const assertMalware = async (result: ReturnType<Scanner['scan']>) => {
      const found = await result;
      assert.ok(found !== 'clean', 'malware was called clean');
      assert.match(found.malware, /eicar/i);
    };

    test('given clean bytes, when they are scanned, then they are clean', options, async () => {
      assert.equal(await scanChunks(letter, letter), 'clean');
    });

    test('given an empty file, when it is scanned, then it is clean', options, async () => {
      assert.equal(await scanChunks(), 'clean');
    });

    test('given the test string of virus scanners, when it is scanned, then it is malware', options, async () => {
      await assertMalware(scanChunks(eicar));
      await assertMalware(scanChunks(letter, eicar, letter));
    });

    test('given malware that lies across the borders of chunks, when it is scanned, then it is found', options, async () => {
      await assertMalware(scanChunks(...Array.from(eicar, (byte) => Buffer.of(byte))));
      await assertMalware(scanChunks(Buffer.concat([letter, eicar.subarray(0, 30)]), Buffer.concat([eicar.subarray(30), letter])));
    });

    test('given malware behind an empty chunk, when it is scanned, then it is found', options, async () => {
      await assertMalware(scanChunks(letter, Buffer.alloc(0), eicar));
    });

    test('given a file that cannot be read to its end, when it is scanned, then it is not called clean', options, async () => {
      const broken = Readable.from(
        (async function* () {
          yield letter;
          throw new Error('the disk is gone');
        })(),
      );

      await assert.rejects(scan(broken), /the disk is gone/);

      assert.ok(broken.destroyed);
    });

    test('given a stream that is closed before or during the scan, when it is scanned, then it is not called clean', options, async () => {
      const [before, during] = [new Readable({ read() {} }), new Readable({ read() {} })];
      before.destroy();
      during.push(letter);
      setTimeout(() => during.destroy(), 50);

      await assert.rejects(scan(before), prematureClose);
      await assert.rejects(scan(during), prematureClose);
    });

    test('given a large file, when it is scanned, then it is looked through to its last byte, and memory stays flat', options, async () => {
      await scanChunks(letter);
      const before = bytesHeld();
      let peak = 0;
      const watch = () => {
        peak = Math.max(peak, bytesHeld() - before);
      };

      assert.equal(await scan(large({ onChunk: watch }).stream), 'clean');
      await assertMalware(scan(large({ onChunk: watch, ending: eicar }).stream));

      assert.ok(peak < (manyMebibytes / 2) * mebibyte.length, `memory grew by ${Math.round(peak / mebibyte.length)} MiB`);
    });

    test('given many files, when they are scanned at once, then each gets its own answer', options, async () => {
      const files = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? eicar : letter));

      const results = await Promise.all(files.map((file) => scanChunks(file)));

      assert.deepEqual(
        results.map((result) => result !== 'clean'),
        files.map((file) => file === eicar),
      );
    });
  });
}

describe('a clamd that cannot tell', () => {
  test('given clamd is down, when a file is scanned, then the scan fails and the file is let go', async () => {
    const stream = Readable.from([letter]);

    await assert.rejects(createClamdScanner({ host: '127.0.0.1', port: await freePort(), timeoutMillis }).scan(stream), /ECONNREFUSED/);

    assert.ok(stream.destroyed);
  });

  test('given a file in the middle of its scan, when clamd is killed, then the scan fails and the file is let go', withClamd, async () => {
    const { scanner, signal } = await startClamd();
    const { stream } = large({ onChunk: (i) => i === 10 && signal('SIGKILL') });

    await assert.rejects(scanner.scan(stream), hungUp);

    assert.ok(stream.destroyed);
  });

  test('given clamd hangs, when a large file is scanned, then reading stops until time is out, and the scan fails', withClamd, async () => {
    const { scanner, signal } = await startClamd({ timeoutMillis: 500 });
    const { stream, chunksRead } = large();
    signal('SIGSTOP');

    await assert.rejects(scanner.scan(stream), /nothing moved between us and clamd for 500 ms/);

    assert.ok(stream.destroyed);
    assert.ok(chunksRead() < manyMebibytes / 2, `${chunksRead()} MiB were read for a clamd that takes none`);
  });

  test('given a file that stops coming, when time is out, then the scan fails and the file is let go', withClamd, async () => {
    const { scanner } = await startClamd({ timeoutMillis: 300 });
    const stream = new Readable({ read() {} });
    stream.push(letter);

    await assert.rejects(scanner.scan(stream), /nothing moved/);

    assert.ok(stream.destroyed);
  });

  test('given a file longer than clamd takes, when it is scanned, then the scan fails and the file is let go', withClamd, async () => {
    const { scanner } = await startClamd({ configuration: ['StreamMaxLength 1M'] });
    const { stream } = large();

    await assert.rejects(scanner.scan(stream), hungUp);

    assert.ok(stream.destroyed);
    assert.equal(await scanner.scan(Readable.from([letter])), 'clean');
  });

  test('given a file that clamd looks through in part only, when it is scanned, then the scan fails', withClamd, async () => {
    const { scanner } = await startClamd({ configuration: ['MaxFileSize 1M', 'MaxScanSize 1M', 'AlertExceedsMax yes'] });

    await assert.rejects(scanner.scan(large().stream), /Limits\.Exceeded/);
  });

  test('given clamd refuses a file for its length and hangs up, when it is scanned, then that is its answer, without what ends it', async () => {
    const { scanner } = await listen((socket) => {
      socket.once('data', () =>
        socket.write('INSTREAM size limit exceeded. ERROR\0', () => setTimeout(() => socket.resetAndDestroy(), 50)),
      );
    });

    await assert.rejects(scanner.scan(large().stream), {
      name: 'CannotTell',
      message: 'clamd cannot tell: INSTREAM size limit exceeded. ERROR',
    });
  });

  test('given clamd finds a password, when a file is scanned, then that is a verdict of its own, and never clean', async () => {
    const { scanner } = await listen((socket) =>
      socket.on('data', (bytes) => bytes.subarray(-4).equals(Buffer.alloc(4)) && socket.end('stream: Heuristics.Encrypted.Zip FOUND\0')),
    );
    assert.deepEqual(await scanner.scan(Readable.from([letter])), { malware: 'Heuristics.Encrypted.Zip', isEncrypted: true });
  });

  const uselessAnswers = [
    '',
    'stream: OK',
    'stream: OK\nstream: OK\0',
    'stream:  FOUND\0',
    'stream: Can not open file ERROR\0',
    'UNKNOWN COMMAND\0',
  ];
  for (const answer of uselessAnswers) {
    test(`given clamd answers ${JSON.stringify(answer)}, when a file is scanned, then the scan fails`, async () => {
      const { scanner } = await listen((socket) =>
        socket.on('data', (bytes) => bytes.subarray(-4).equals(Buffer.alloc(4)) && socket.end(answer)),
      );

      const isWhole = answer.endsWith('\0');
      await assert.rejects(scanner.scan(Readable.from([letter])), {
        name: isWhole ? 'CannotTell' : 'Error',
        message: /^clamd cannot tell/,
      });
    });
  }

  test('given clamd says OK before it was given all bytes, when a file is scanned, then the scan fails and the file is let go', async () => {
    const { scanner } = await listen((socket) => socket.end('stream: OK\0'));
    const stalled = new Readable({ read() {} });
    stalled.push(letter);

    for (const stream of [large().stream, stalled]) {
      await assert.rejects(scanner.scan(stream));
      assert.ok(stream.destroyed);
    }
  });

  test('given clamd refuses in the middle and reads no further, when a file is scanned, then the scan fails and nothing else breaks', async () => {
    const { scanner } = await listen((socket) =>
      socket.once('data', () => {
        socket.pause();
        socket.end('INSTREAM size limit exceeded. ERROR\0');
        setTimeout(() => socket.resetAndDestroy(), 50);
      }),
    );
    const { stream } = large();

    await assert.rejects(scanner.scan(stream));

    assert.ok(stream.destroyed);
  });
});

/** What buffers hold at this moment, garbage not counted. */
function bytesHeld(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
}

/** A file of many mebibytes that is made as it is read. */
function large({ onChunk = () => {}, ending = Buffer.alloc(0) }: { onChunk?: (index: number) => unknown; ending?: Buffer } = {}) {
  let read = 0;
  const stream = Readable.from(
    (async function* () {
      for (; read < manyMebibytes; read++) {
        onChunk(read);
        yield Buffer.from(mebibyte);
      }
      yield ending;
    })(),
    { highWaterMark: 1 },
  );
  return { stream, chunksRead: () => read };
}

/** Something at clamd's place that behaves as no clamd should. */
async function listen(behave: (socket: Socket) => void): Promise<{ scanner: Scanner }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return { scanner: createClamdScanner({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, timeoutMillis }) };
}
