import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Client, enterpriseToken, organizationUrn, personalToken } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';
import { accepted, api, letter, people, readerScopes, senderScopes, town } from '../wire/town.ts';

/** A service owner sets up a service as its scripts do for the original, and changes its mind about who may open and receive. */

let server: OwnServer;
let owner: Client;
let manager: Client;
before(async () => {
  server = await startOwnServer('registry', town);
  const scopes = [
    ...senderScopes,
    'altinn:resourceregistry/resource.write',
    'altinn:resourceregistry/accesslist.write',
    'altinn:authorization/authorize',
  ];
  owner = server.client.with(await enterpriseToken(server.client, people.directorate, scopes));
  manager = server.client.with(await personalToken(server.client, people.manager, [...readerScopes]));
});
after(() => server?.stop());

const registry = '/resourceregistry/api/v1';
const id = 'vedtak-om-tilskudd';
const text = (nb: string) => ({ nb, nn: nb, en: nb });
const policy = readFileSync(new URL('../../server/access/policies/testing/service-for-leaders.xml', import.meta.url), 'utf8').replaceAll(
  'service-for-leaders',
  id,
);

function upload(xml: string): Promise<{ status: number; text: string }> {
  const form = new FormData();
  form.append('policyFile', new Blob([xml], { type: 'application/xml' }), 'policy.xml');
  return owner.post(`${registry}/resource/${id}/policy`, form);
}

async function decisionFor(pid: string): Promise<string> {
  const attribute = (attributeId: string, value: string) => ({ attribute: [{ attributeId, value }] });
  const resource = [
    attribute('urn:altinn:resource', id).attribute,
    attribute('urn:altinn:organization:identifier-no', people.municipality).attribute,
  ].flat();
  const request = {
    accessSubject: [attribute('urn:altinn:person:identifier-no', pid)],
    action: [attribute('urn:oasis:names:tc:xacml:1.0:action:action-id', 'read')],
    resource: [{ attribute: resource }],
  };
  const answer = await owner.post('/authorization/api/v1/authorize', { request });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ response: { decision: string }[] }>().response[0]!.decision;
}

const letterTo = (reference: string) =>
  letter(reference, { correspondence: { resourceId: id }, request: { recipients: [organizationUrn(people.municipality)] } });

const watchOf = async (message: string) =>
  (await owner.get(`/budstikke/v1/correspondence/${message}/watch`)).json<{
    reachability?: { class: string };
    class?: string;
    openability?: { class: string };
  }>();
const classOf = async (message: string) =>
  /"(UNREACHABLE|GRANTABLE|COLD|REACHABLE|PROVEN)"/.exec(JSON.stringify(await watchOf(message)))?.[1];

/** A watch that somebody holds just then is found out anew by the sweeper, within a minute. */
const becomes = (message: string, classes: RegExp) =>
  until('the watch', async () => assert.match((await classOf(message)) ?? '', classes), { seconds: 120 });

test('given a service that its owner registers, when policy and list change under unread post, then who can open it is found out anew each time', async () => {
  const created = await owner.post(`${registry}/resource`, {
    identifier: id,
    title: text('Vedtak om tilskudd'),
    description: text('Vedtak'),
    rightDescription: text('Leser vedtak'),
    hasCompetentAuthority: { organization: people.directorate, orgcode: 'wirea', name: text('Direktoratet') },
    contactPoints: [],
    resourceType: 'CorrespondenceService',
  });
  assert.equal(created.status, 201, created.text);
  assert.equal((await upload(policy)).status, 201);
  assert.equal(await decisionFor(people.manager), 'Permit');
  const sent = accepted(await owner.post(`${api}/correspondence`, letterTo('registry')));
  const message = sent.correspondences[0]!.correspondenceId;
  await becomes(message, /^(COLD|REACHABLE)$/);

  assert.equal((await upload(policy.replaceAll('DAGL', 'KNUF').replaceAll('dagl', 'knuf'))).status, 201);

  await becomes(message, /^(UNREACHABLE|GRANTABLE)$/);
  assert.equal(await decisionFor(people.manager), 'NotApplicable');
  await upload(policy);
  await becomes(message, /^(COLD|REACHABLE)$/);

  const document = (await owner.get(`${registry}/resource/${id}`)).json<object>();
  assert.equal((await owner.put(`${registry}/resource/${id}`, { ...document, accessListMode: 'Enabled' })).status, 200);
  await becomes(message, /^(UNREACHABLE|GRANTABLE)$/);
  assert.equal(await decisionFor(people.manager), 'Deny');
  const lists = `${registry}/access-lists/wirea/piloten`;
  assert.equal((await owner.put(lists, { name: 'Piloten' })).status, 200);
  assert.equal((await owner.put(`${lists}/resource-connections/${id}`, { actionFilters: ['read'] })).status, 204);
  assert.equal((await owner.post(`${lists}/members`, { data: [organizationUrn(people.municipality)] })).status, 204);
  await becomes(message, /^(COLD|REACHABLE)$/);
  assert.equal(await decisionFor(people.manager), 'Permit');

  assert.equal((await owner.delete(`${registry}/resource/${id}`)).status, 204);
  assert.equal((await manager.get(`${api}/correspondence/${message}/content`)).status, 200, 'what was sent stays readable');
  const late = await owner.post(`${api}/correspondence`, letterTo('late'));
  assert.ok(late.status >= 400, 'a deleted resource takes no post');
  await until('the opening to be recorded', async () => {
    const seen = (await manager.get(`/budstikke/v1/audit/correspondence/${message}`)).json<{ entries: { event: string }[] }>();
    assert.ok(seen.entries.some(({ event }) => event === 'ContentAccessTracking'));
  });
});
