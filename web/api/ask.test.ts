import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { ask, Refusal } from './ask.ts';

const answers: Readonly<Record<string, readonly [status: number, body: string]>> = {
  '/problem': [
    400,
    JSON.stringify({ title: 'Bad Request', detail: 'No such letter', code: 'CORR-01001', errorCode: 1001, traceId: 'abc' }),
  ],
  '/bare': [400, JSON.stringify('The date is before today')],
  '/null': [400, 'null'],
  '/number': [400, '7'],
  '/markup': [502, '<html>Bad Gateway</html>'],
  '/nothing': [500, ''],
};
const server = createServer(({ url }, response) => {
  const [status, body] = answers[url!]!;
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
});
let address = '';

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const refusalOf = async (path: string): Promise<Refusal> => {
  try {
    await ask(`${address}${path}`);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  return assert.fail(`${path} is not refused`);
};

test('given problem details, when they are read, then text, code and reference are there', async () => {
  const { status, message, row, code, reference } = await refusalOf('/problem');
  assert.deepEqual([status, message, row, code, reference], [400, 'No such letter', 'CORR-01001', 1001, 'abc']);
});

test('given a refusal that is its text alone, when it is read, then the text is kept and no code is made up', async () => {
  const { status, message, row, code, reference } = await refusalOf('/bare');
  assert.deepEqual([status, message, row, code, reference], [400, 'The date is before today', null, null, null]);
});

for (const path of ['/null', '/number', '/markup', '/nothing'])
  test(`given ${path.slice(1)} instead of a problem, when it is read, then it is a refusal without words`, async () => {
    const { status, message, row } = await refusalOf(path);
    assert.deepEqual([status, message, row], [answers[path]![0], '', null]);
  });
