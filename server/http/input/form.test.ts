import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import Type from 'typebox';
import { bindBlobs, createDiskBlobs } from '#blobs/index.ts';
import type { BlobKey } from '#kernel/ids.ts';
import { catalogue, refuse } from '#kernel/refusal.ts';
import { type ReceivedFile, route } from '#kernel/route.ts';
import { Enumeration, Nullable, StringMap } from '#kernel/schema.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { openHttp, tokenOf } from '../testing/open-http.ts';

const errors = catalogue('CORR', {
  mismatch: { code: 1005, status: 400, origin: 'altinn', text: 'Mismatch between uploaded files and attachment metadata' },
});
const Form = Type.Object({
  recipients: Type.Array(Type.String(), { minItems: 1 }),
  correspondence: Type.Object({
    resourceId: Type.String({ minLength: 1 }),
    isConfidential: Type.Optional(Nullable(Type.Boolean())),
    channel: Type.Optional(Enumeration('Channel', { Email: 0, Sms: 1 })),
    propertyList: Type.Optional(StringMap),
    messageBody: Type.Optional(Type.String()),
  }),
});

interface Part {
  headers: string[];
  body: string | Buffer;
}
const field = (name: string, body: string): Part => ({ headers: [`Content-Disposition: form-data; name="${name}"`], body });
const file = (fileName: string, body: string | Buffer, name = 'attachments'): Part => ({
  headers: [`Content-Disposition: form-data; name="${name}"; filename="${fileName}"`, 'Content-Type: application/pdf'],
  body,
});
const fields = [field('recipients[0]', 'a'), field('Correspondence.ResourceId', 'r')];

function multipart(parts: readonly Part[], boundary = 'xyz'): Buffer {
  const pieces = parts.flatMap(({ headers, body }) => [`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`, body, '\r\n']);
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)));
}

describe('forms', async () => {
  const { db } = await createTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'budstikke-form-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const blobs = createDiskBlobs({ directory, db });
  const bind = (files: readonly ReceivedFile[]) =>
    db.transaction(async (tx) =>
      bindBlobs(
        tx,
        files.map(({ key }) => key as BlobKey),
      ),
    );
  const send = route({
    method: 'POST',
    path: '/upload',
    summary: 'Takes a form.',
    scope: [{ issuer: 'altinn', all: [] }],
    bodyKind: 'form',
    body: Form,
    answers: { 200: Type.Unknown() },
    refusals: [errors.mismatch],
    run: async (_ctx, _caller, { body, files }) => {
      if (body.correspondence.resourceId === 'refused') throw refuse(errors.mismatch);
      if (body.correspondence.resourceId === 'broken') throw new Error('broken');
      await bind(files);
      if (body.correspondence.resourceId === 'bound then broken') throw new Error('broken');
      return { body, files };
    },
  });
  const http = await openHttp([send], { blobs });
  const post = (payload: Buffer, headers: Record<string, string> = {}) =>
    http.inject({
      method: 'POST',
      url: '/upload',
      headers: { ...tokenOf('altinn'), 'content-type': 'multipart/form-data; boundary=xyz', ...headers },
      payload,
    });
  const refusedWithNothingWritten = (payload: Buffer, headers: Record<string, string> = {}) =>
    nothingWritten(
      db,
      async () => {
        const answer = await post(payload, headers);
        assert.equal(answer.statusCode, 400, answer.body);
        return answer.json();
      },
      directory,
    );

  test('given a form with files between its fields, when it is posted, then both are read and files have length and hashes', async () => {
    const [pdf, empty] = [randomBytes(200_000), Buffer.alloc(0)];
    const answer = await post(
      multipart([
        file('a.pdf', pdf, 'Attachments'),
        fields[1]!,
        field('correspondence.isConfidential', 'TRUE'),
        file('b.pdf', empty, 'request.attachments'),
        field('correspondence.channel', '1'),
        field('correspondence.propertyList.Kid', '7'),
        field('recipients[0]', 'a'),
        field('correspondence.visibleFrom', 'ignored'),
      ]),
    );

    assert.equal(answer.statusCode, 200, answer.body);
    const { body, files } = answer.json();
    assert.deepEqual(body, {
      recipients: ['a'],
      correspondence: { resourceId: 'r', isConfidential: true, channel: 'Sms', propertyList: { Kid: '7' } },
    });
    assert.deepEqual(
      files.map(({ key: _, ...rest }: ReceivedFile) => rest),
      [
        { fieldName: 'attachments', fileName: 'a.pdf', sizeBytes: 200_000, ...hashes(pdf) },
        { fieldName: 'attachments', fileName: 'b.pdf', sizeBytes: 0, ...hashes(empty) },
      ],
    );
  });

  test('given parts in any order, when a form is posted, then the answer is the same but for the order of files', async () => {
    const parts = [...fields, file('a.pdf', 'A'), file('b.pdf', 'B')];
    for (const order of [parts, parts.toReversed(), [parts[2]!, parts[0]!, parts[3]!, parts[1]!]]) {
      const { body, files } = (await post(multipart(order))).json();
      assert.deepEqual(body, { recipients: ['a'], correspondence: { resourceId: 'r' } });
      assert.deepEqual(
        files.map(({ fileName }: ReceivedFile) => fileName),
        order.filter((part) => part.headers.length === 2).map((part) => (part.body === 'A' ? 'a.pdf' : 'b.pdf')),
      );
    }
  });

  test('given a text part with a content type and charset of its own, when it has no file name, then it is a field in that charset', async () => {
    const own = (type: string, body: Buffer): Part => ({
      headers: ['Content-Disposition: form-data; name="correspondence.messageBody"', `Content-Type: ${type}`, 'Content-Length: 3'],
      body,
    });
    const read = async (part: Part) => (await post(multipart([...fields, part]))).json().body.correspondence.messageBody;

    assert.equal(await read(own('text/plain;charset=UTF-8', Buffer.from('hå'))), 'hå');
    assert.equal(await read(own('text/plain; charset=ISO-8859-1', Buffer.from('hå', 'latin1'))), 'hå');
    assert.equal(await read(own('application/octet-stream', Buffer.from('hå'))), 'hå');
    assert.equal(
      await read({
        ...field('correspondence.messageBody', 'hå'),
        headers: ['Content-Disposition: form-data; name="correspondence.messageBody"; filename=""'],
      }),
      'hå',
    );
  });

  test('given an extended file name, when a file is posted, then it wins over the plain one', async () => {
    const headers = ["Content-Disposition: form-data; name=attachments; filename*=utf-8''%C3%A5r.pdf; filename=ar.pdf"];

    assert.equal((await post(multipart([...fields, { headers, body: 'x' }]))).json().files[0].fileName, 'år.pdf');
  });

  test('given a boundary in quotes, a preamble and an epilogue, when a form is posted, then it is read', async () => {
    const payload = Buffer.concat([Buffer.from('preamble\r\n'), multipart(fields, 'x y:z'), Buffer.from('epilogue\r\n--x y:z\r\nmore')]);

    assert.equal((await post(payload, { 'content-type': 'multipart/form-data; boundary="x y:z"; charset=utf-8' })).statusCode, 200);
  });

  test('given a shape that does not fit, when a form with files is posted, then keys are the original names and no file is kept', async () => {
    const { errors: told } = await refusedWithNothingWritten(
      multipart([file('a.pdf', randomBytes(100_000)), field('correspondence.isConfidential', 'maybe')]),
    );

    assert.deepEqual(Object.keys(told).toSorted(), ['Correspondence.IsConfidential', 'Correspondence.ResourceId', 'Recipients']);
  });

  test('given a refusal or a fault of the use case, when a form with files is posted, then no file is kept', async () => {
    for (const [resourceId, status] of [
      ['refused', 400],
      ['broken', 500],
    ] as const) {
      await nothingWritten(
        db,
        async () =>
          assert.equal(
            (await post(multipart([fields[0]!, field('correspondence.resourceId', resourceId), file('a.pdf', 'A'), file('b.pdf', 'B')])))
              .statusCode,
            status,
          ),
        directory,
      );
    }
  });

  test('given a fault after the files were bound, when a form is posted, then what is bound stays', async () => {
    const before = await boundKeys();

    assert.equal(
      (await post(multipart([fields[0]!, field('correspondence.resourceId', 'bound then broken'), file('a.pdf', 'A')]))).statusCode,
      500,
    );

    assert.equal(await boundKeys(), before + 1);
  });
  const boundKeys = async (): Promise<number> =>
    (await db.pool.query(`select count(*)::int as n from blobs.blob where state = 'bound'`)).rows[0].n;

  test('given a form cut off at any byte, when it is posted, then it is refused and no file is kept', async () => {
    const whole = multipart([fields[0]!, file('a.pdf', randomBytes(500)), fields[1]!, file('b.pdf', 'B')]);
    const end = whole.length - '--\r\n'.length; // from here on the last boundary is whole, but for its two dashes
    for (let at = 0; at <= end; at += at < 40 || at > end - 40 ? 1 : 37) await refusedWithNothingWritten(whole.subarray(0, at));
    assert.equal((await post(whole.subarray(0, whole.length - 2))).statusCode, 200);
  });

  test('given what is no form, when it is posted, then it is refused and no file is kept', async () => {
    const good = multipart([...fields, file('a.pdf', 'A')]);
    const noDisposition: Part = { headers: ['Content-Type: text/plain'], body: 'x' };
    const attachment: Part = { headers: ['Content-Disposition: attachment; name="a"'], body: 'x' };
    const broken: [Buffer, Record<string, string>?][] = [
      [good, { 'content-type': 'multipart/form-data' }],
      [good, { 'content-type': 'multipart/form-data; boundary=' }],
      [good, { 'content-type': `multipart/form-data; boundary=${'b'.repeat(71)}` }],
      [good, { 'content-type': 'multipart/form-data; boundary=other' }],
      [Buffer.from('{"recipients":[]}')],
      [multipart([...fields, noDisposition])],
      [multipart([...fields, attachment])],
      [multipart([file('a.pdf', 'A'), ...fields, field('n'.repeat(1100), 'x')])],
      [Buffer.from('--xyz\r\nno header at all\r\n--xyz--\r\n')],
      [multipart([...fields, { headers: [], body: 'x' }])],
    ];
    for (const [payload, headers] of broken) assert.equal((await refusedWithNothingWritten(payload, headers)).code, 'STD-00000');
  });

  test('given text that cannot be kept anywhere in a form, when it is posted, then it is refused and no file is kept', async () => {
    const bad: Part[] = [
      field('correspondence.messageBody', 'a\0b'),
      field('unknown', 'a\0b'),
      field('na\0me', 'x'),
      file('a\0.pdf', 'A'),
      { headers: ['Content-Disposition: form-data; name="attachments"; filename*=utf-8\'\'a%00b'], body: 'A' },
      { headers: ['Content-Disposition: form-data; name="correspondence.messageBody"'], body: Buffer.from([0xed, 0xa0, 0x80]) },
      {
        headers: ['Content-Disposition: form-data; name="correspondence.messageBody"', 'Content-Type: text/plain; charset=klingon'],
        body: 'x',
      },
    ];
    for (const part of bad) await refusedWithNothingWritten(multipart([...fields, file('ok.pdf', 'A'), part]));
  });

  test('given more parts, files or bytes of text than a form may hold, when it is posted, then it is refused and no file is kept', async () => {
    await refusedWithNothingWritten(multipart([...fields, ...Array.from({ length: 5000 }, (_, i) => field(`f${i}`, ''))]));
    await refusedWithNothingWritten(multipart([...fields, ...Array.from({ length: 201 }, (_, i) => file(`${i}.pdf`, ''))]));
    await refusedWithNothingWritten(
      multipart([file('a.pdf', 'A'), ...fields, field('correspondence.messageBody', 'x'.repeat(4 * 1024 * 1024))]),
    );
  });

  test('given no token, when a form is posted, then nothing of it is read or kept', async () => {
    await nothingWritten(
      db,
      async () => assert.equal((await post(multipart([...fields, file('a.pdf', 'A')]), { authorization: 'Bearer bad' })).statusCode, 401),
      directory,
    );
  });

  test('given random bytes with boundaries in them, when they are posted, then they are answered and nothing is left unbound', async () => {
    const piece = fc.constantFrom(
      '--xyz',
      '\r\n',
      '--',
      'Content-Disposition: form-data; name="recipients[0]"',
      'Content-Disposition: form-data; name="attachments"; filename="a.pdf"',
      'Content-Type: text/plain',
      'x',
      '\0',
      ':',
      '--xyz--',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
        const { statusCode } = await post(Buffer.from(pieces.join('')));
        assert.ok(statusCode === 400 || statusCode === 200, String(statusCode));
      }),
      { numRuns: 300 },
    );
    const { rows } = await db.pool.query(`select state from blobs.blob where state <> 'bound'`);
    assert.deepEqual(rows, []);
  });

  test('given a file larger than a file may be, when it is posted, then one byte more than the limit is kept for the use case to see, and the form is read on', async () => {
    const { readForm, formLimits } = await import('./form.ts');
    const { createServer } = await import('node:http');
    const server = createServer(async (request, response) => {
      const form = await readForm(request, blobs, { ...formLimits, fileBytes: 1000 });
      for (const { key } of form.files) await blobs.remove(key as BlobKey);
      response.end(JSON.stringify({ sizes: form.files.map(({ sizeBytes }) => sizeBytes), fields: form.fields.length }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    after(() => server.close());

    const payload = multipart([file('big', Buffer.alloc(3_000_000)), file('fits', Buffer.alloc(1000)), ...fields]);
    const answer = await fetch(`http://127.0.0.1:${(server.address() as { port: number }).port}`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=xyz' },
      body: new Uint8Array(payload),
    });

    assert.deepEqual(await answer.json(), { sizes: [1001, 1000], fields: 2 });
  });

  test('given an upload whose client goes away, when half a file has come, then nothing of it is kept', async () => {
    const port = await http.listen(0, '127.0.0.1');
    after(() => http.close(0));
    await nothingWritten(
      db,
      async () => {
        const request = httpRequest({
          host: '127.0.0.1',
          port,
          path: '/upload',
          method: 'POST',
          headers: { ...tokenOf('altinn'), 'content-type': 'multipart/form-data; boundary=xyz' },
        });
        request.on('error', () => {});
        const whole = multipart([file('done.pdf', randomBytes(1000)), file('half.pdf', randomBytes(3_000_000))]);
        request.write(whole.subarray(0, 2_000_000));
        const states = async () =>
          (await db.pool.query(`select state from blobs.blob where state <> 'bound' order by state`)).rows.map((row) => row.state).join();
        while ((await states()) !== 'receiving,stored') await sleep(10);
        request.destroy();
        while ((await states()) !== '') await sleep(10);
      },
      directory,
    );
  });

  test('given a form with a file of 300 megabytes, when it is posted over a socket, then memory stays flat', async () => {
    const server = await openHttp([send], { blobs });
    const port = await server.listen(0, '127.0.0.1');
    after(() => server.close(0));
    const chunk = randomBytes(1024 * 1024);
    const before = process.memoryUsage().rss;
    let peak = 0;
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/upload',
      method: 'POST',
      headers: { ...tokenOf('altinn'), 'content-type': 'multipart/form-data; boundary=xyz' },
    });
    const answer = new Promise<string>((resolve, reject) =>
      request.on('error', reject).on('response', (response) => resolve(text(response))),
    );
    request.write('--xyz\r\nContent-Disposition: form-data; name="attachments"; filename="big.pdf"\r\n\r\n');
    for (let i = 0; i < 300; i++) {
      if (!request.write(chunk)) await new Promise((resolve) => request.once('drain', resolve));
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    request.write('\r\n');
    request.end(multipart(fields));

    const { files } = JSON.parse(await answer);

    assert.equal(files[0].sizeBytes, 300 * chunk.length);
    assert.ok(peak - before < 150 * 1024 * 1024, `memory grew by ${Math.round((peak - before) / 1024 / 1024)} MiB`);
  });
});

function hashes(bytes: Buffer): { md5: string; sha256: string } {
  const of = (name: string) => createHash(name).update(bytes).digest('hex');
  return { md5: of('md5'), sha256: of('sha256') };
}
