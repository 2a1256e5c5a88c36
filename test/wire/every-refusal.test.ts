import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Answer } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { afterDays, provocations } from './refusals/looking.ts';
import { codeOf, type OwnOperation, ownCallers, ownOperations, sweep } from './refusals/own-api.ts';
import { judgesLetters, ownElsewhere, ownOutOfReach } from './refusals/own-out-of-reach.ts';
import { openOwnScene, publish } from './refusals/own-scene.ts';
import { afterGuesses, ownProvocations } from './refusals/own-table.ts';
import { openScene, refusalTown, type Scene } from './refusals/scene.ts';
import { letterCodes, onlyWithFiles, sendWrong } from './refusals/sending.ts';
import { startTarget, type Target } from './server.ts';
import { api, resources } from './town.ts';

/** Codes that an operation may answer and that nobody outside can bring about, each with the reason, and where it is tried instead. */
const outOfReach: Readonly<Record<number, string>> = {
  4002: 'whoever has the right has a party; tried beside the use cases with a caller that the register does not know',
  4006: 'a token of nobody passes no gate; tried beside the use cases with a caller that is nobody',
  1037: 'the shape refuses first; tried in send/refusals',
  1042: 'the shape refuses first; tried in send/refusals',
  1022: 'the shape refuses first; tried in send/refusals',
  2011: 'the shape refuses first; tried in send/refusals and attachments/refusals',
  1055: 'needs an attachment hours before its end; tried in send/refusals',
  2002: 'needs a store that fails; tried in attachments/refusals',
  2022: 'needs a sender that is silent for minutes; tried where uploads are',
  6001: 'needs a server on which nothing was ever sent; tried in statistics',
  6002: 'needs a store that fails; tried in statistics',
  2023: 'needs two gigabytes; tried where all attachments are downloaded',
};

/** Pairs that cannot come to pass although the code can elsewhere. */
const elsewhere: Readonly<Record<string, string>> = {
  'POST /attachment/{attachmentId}/upload 2003': 'what is linked has its bytes, and 2005 comes first; tried in attachments/refusals',
  'GET /correspondence/{correspondenceId}/attachment/{attachmentId}/download 2019':
    'what a message carries is purged with it, and 1001 comes first',
  'GET /correspondence/{correspondenceId}/attachments/downloadall 2019': 'what a message carries is purged with it, and 1001 comes first',
  'POST /attachment/{attachmentId}/upload 2006': 'needs a purge in the middle of an upload; before it, 2005 comes first',
};

let target: Target;
let scene: Scene;
let declared: ReadonlyMap<string, readonly number[]>;
before(async () => {
  target = await startTarget('refusals', refusalTown);
  scene = await openScene(target);
  declared = await declaredRefusals();
});
after(() => target?.stop());

/** Operation → codes, as the server's own document declares them (`CORR-01001`). */
async function declaredRefusals(): Promise<ReadonlyMap<string, readonly number[]>> {
  const { paths } = (await target.client.get('/openapi.json')).json<{
    paths: Record<string, Record<string, { 'x-refusals'?: string[] }>>;
  }>();
  const operations = Object.entries(paths)
    .filter(([path]) => path.startsWith(`${api}/`))
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, says]) => ({ name: `${method.toUpperCase()} ${path.slice(api.length)}`, says })),
    );
  return new Map(
    operations.map(({ name, says }) => [name, (says['x-refusals'] ?? []).map((code) => Number(code.slice(code.indexOf('-') + 1)))]),
  );
}

function assertCode(answer: Answer, code: number, what: string): void {
  if (code === 3023) {
    assert.equal(answer.text, '"Invalid notification template"', what);
    return;
  }
  assert.match(answer.headers.get('content-type') ?? '', /json/, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  const body = answer.json<{ status: number; code: string; errorCode: number; traceId: string; detail: string }>();
  assert.equal(body.errorCode, code, `${what}: ${answer.status} ${answer.text.slice(0, 500)}`);
  assert.equal(body.code, `CORR-${String(code).padStart(5, '0')}`, what);
  assert.equal(body.status, answer.status, what);
  assert.match(body.traceId, /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, what);
}

test('given every letter that is refused, when it is sent as JSON and as a form, then it is refused with its code', async () => {
  for (const code of letterCodes) {
    if (!onlyWithFiles.has(code)) assertCode(await sendWrong(scene, code, 'json'), code, `JSON, ${code}`);
    assertCode(await sendWrong(scene, code, 'form'), code, `form, ${code}`);
  }
});

test('given every other refusal, when it is provoked, then it comes with its code', async () => {
  for (const [operation, codes] of Object.entries(provocations)) {
    for (const [code, provoke] of Object.entries(codes)) assertCode(await provoke(scene), Number(code), `${operation}, ${code}`);
  }
});

test('given our own API, when its refusals are provoked, then each comes with its code, and it is said by name which cannot be', async () => {
  const operations = await ownOperations(target.client);
  const callers = await ownCallers(target.client, operations);
  const seen = new Set(await sweep(operations, callers, await publish(scene)));
  const own = await openOwnScene(scene, callers);
  const shortOf = (path: string) => path.replace('/budstikke/v1', '');
  for (const [operation, codes] of [...Object.entries(ownProvocations), ...Object.entries(afterGuesses)])
    for (const [code, provoke] of Object.entries(codes)) {
      const answer = await provoke(own);
      assert.equal(codeOf(answer), code, `${operation}, ${code}: ${answer.status} ${answer.text.slice(0, 500)}`);
      seen.add(`${operation.replace(' ', ' /budstikke/v1')} ${code}`);
    }
  const isOfLetter = ({ name }: OwnOperation, code: string) => code.startsWith('CORR-') && judgesLetters.includes(shortOf(name));
  const left = operations.flatMap((each) =>
    each.refusals
      .filter((code) => !seen.has(`${each.name} ${code}`) && !isOfLetter(each, code))
      .map((code) => `${shortOf(each.name)} ${code}`),
  );
  const isNamed = (pair: string) => pair in ownElsewhere || pair.split(' ').at(-1)! in ownOutOfReach;
  assert.deepEqual(
    left.filter((pair) => !isNamed(pair)),
    [],
    'neither provoked nor said why not',
  );
  const said = [...Object.keys(ownElsewhere), ...Object.keys(ownOutOfReach)];
  assert.deepEqual(
    said.filter((each) => !left.some((pair) => pair === each || pair.endsWith(` ${each}`))),
    [],
    'said to be out of reach, and is not',
  );
  assert.ok(operations.length > 80, `${operations.length} operations`);
});

test('given attachments that live for a day, when two days are over, then they are refused as expired', async () => {
  const moved = await target.client.post('/budstikke/v1/sandbox/clock', { advance: 'P2D' });
  assert.equal(moved.status, 200, moved.text);
  await until('expiry', async () => {
    const overview = await scene.callers.directorate.get(`${api}/attachment/${scene.spareAttachment}`);
    assert.equal(overview.json<{ status: string }>().status, 'Expired');
  });
  for (const [operation, codes] of Object.entries(afterDays)) {
    for (const [code, provoke] of Object.entries(codes)) assertCode(await provoke(scene), Number(code), `${operation}, ${code}`);
  }
});

test('given the document of the server, when its refusals are looked through, then each is provoked here or it is said why not', () => {
  const sends = ['POST /correspondence', 'POST /correspondence/upload'];
  const unprovoked = [...declared].flatMap(([operation, codes]) =>
    codes
      .filter((code) => {
        if (code in outOfReach || `${operation} ${code}` in elsewhere) return false;
        const method = operation.replace(/^HEAD /, 'GET ');
        return !(sends.includes(operation)
          ? letterCodes.includes(code)
          : code in (provocations[method] ?? {}) || code in (afterDays[method] ?? {}));
      })
      .map((code) => `${operation} ${code}`),
  );
  assert.deepEqual(unprovoked, []);
  assert.ok(declared.size > 15, `${declared.size} operations of ${resources.letters}`);
});
