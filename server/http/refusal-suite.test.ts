import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { type AnyRoute, route } from '#kernel/route.ts';
import { Uuid } from '#kernel/schema.ts';
import { refusalSuite, type Send } from './refusal-suite.ts';
import { openHttp } from './testing/open-http.ts';

const of = (path: string, scope: AnyRoute['scope']): AnyRoute =>
  route({
    method: 'POST',
    path,
    summary: 'Does.',
    scope,
    params: Type.Object({ id: Uuid }),
    answers: { 200: Type.String() },
    refusals: [],
    run: async () => 'done',
  });
const altinn = of('/altinn/:id', [{ issuer: 'altinn', all: ['a', 'b'] }]);
const open = of('/open/:id', 'open');
const tokens = { unsigned: async () => 'unsigned', wrongScope: async () => 'maskinporten c' };

async function sendTo(routes: readonly AnyRoute[]): Promise<Send> {
  const http = await openHttp(routes);
  return async ({ method, path, headers }) => {
    const answer = await http.inject({ method: method as 'POST', url: path, headers });
    return { status: answer.statusCode, headers: answer.headers as Record<string, string>, body: answer.body };
  };
}

test('given routes with and without a scope, when the suite is made, then every route with one is tried in four ways and holds', async () => {
  const cases = refusalSuite(await sendTo([altinn, open]), [altinn, open], tokens);

  assert.equal(cases.length, 4);
  for (const { title, check } of cases) {
    assert.match(title, /POST \/altinn\/:id/);
    await check();
  }
});

test('given a route whose gate stands open, when the suite tries it, then each way fails', async () => {
  const gateless = { ...altinn, scope: 'open' as const };
  const cases = refusalSuite(await sendTo([gateless]), [altinn], tokens);

  for (const { check } of cases) await assert.rejects(check(), assert.AssertionError);
});
