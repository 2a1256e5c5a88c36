import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Answer, type Client, organizationUrn, personalToken } from '../../../demo/client.ts';
import { until } from '../../../demo/wait.ts';
import { field, file, multipart, type Part } from '../multipart.ts';
import type { Target } from '../server.ts';
import { accepted, api, type Callers, callersOf, citizenUrn, letter, people, resources, town } from '../town.ts';

/** The town, with what some refusals need besides. */
export const more = {
  files: 'wire-access-only',
  level: 'wire-high-level',
  forwardable: 'wire-letters',
  fetched: 'wire-fetched',
} as const;

const text = (nb: string): object => ({ nb, nn: nb, en: nb });

export const refusalTown = {
  ...town,
  resources: [
    ...town.resources,
    { id: more.files, type: 'GenericAccessResource', owner: people.directorate, title: text('Vedlegg med egen tilgang') },
    {
      ...{ id: more.fetched, type: 'BrokerService', owner: people.directorate, title: text('Filer som hentes'), broker: {} },
      ...{ senders: 'any', readers: ['organization'] },
    },
    { id: more.level, type: 'CorrespondenceService', owner: people.directorate, title: text('Høyt nivå'), policyXml: policyOfLevel(3) },
  ],
};

function policyOfLevel(level: number): string {
  const match = (category: string, id: string, value: string): string =>
    `<xacml:Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal"><xacml:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${value}</xacml:AttributeValue><xacml:AttributeDesignator AttributeId="${id}" Category="${category}" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="false"/></xacml:Match>`;
  const anyOf = (...matches: string[]): string =>
    `<xacml:AnyOf>${matches.map((one) => `<xacml:AllOf>${one}</xacml:AllOf>`).join('')}</xacml:AnyOf>`;
  const subject = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
  const action = 'urn:oasis:names:tc:xacml:3.0:attribute-category:action';
  const resource = 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource';
  const rule = (id: string, who: string, what: string): string =>
    `<xacml:Rule RuleId="${id}" Effect="Permit"><xacml:Target>${anyOf(who)}${anyOf(match(resource, 'urn:altinn:resource', more.level))}${anyOf(match(action, 'urn:oasis:names:tc:xacml:1.0:action:action-id', what))}</xacml:Target></xacml:Rule>`;
  return `<?xml version="1.0" encoding="utf-8"?><xacml:Policy xmlns:xacml="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="urn:altinn:policyid:1" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><xacml:Target/>${rule('urn:altinn:ruleid:1', match(subject, 'urn:altinn:org', 'wirea'), 'write')}${rule('urn:altinn:ruleid:2', match(subject, 'urn:altinn:rolecode', 'priv'), 'read')}<xacml:ObligationExpressions><xacml:ObligationExpression FulfillOn="Permit" ObligationId="urn:altinn:obligation:authenticationLevel1"><xacml:AttributeAssignmentExpression AttributeId="urn:altinn:obligation1-assignment1" Category="urn:altinn:minimum-authenticationlevel"><xacml:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#integer">${level}</xacml:AttributeValue></xacml:AttributeAssignmentExpression></xacml:ObligationExpression></xacml:ObligationExpressions></xacml:Policy>`;
}

/** What the provocations stand on: messages and attachments in the states that they need. */
export interface Scene {
  readonly client: Client;
  /** And the system of the inbox, which asks whether a message may be handed on. */
  readonly callers: Callers & { readonly checker: Client };
  /** A key that was used. */
  readonly usedKey: string;
  readonly foreignAttachment: string;
  readonly pendingAttachment: string;
  readonly purgedAttachment: string;
  /** Linked to `expiring`, and gone a day from now. */
  readonly expiredAttachment: string;
  readonly expiring: string;
  /** Gone when the other is: whoever linked to it has purged its message. */
  readonly spareAttachment: string;
  /** Published, and linked to `published`. */
  readonly linkedAttachment: string;
  /** Sent to the citizen, with a file, published, not fetched by anybody. */
  readonly published: string;
  send(letter: object, files?: readonly Part[]): Promise<Sent>;
}

export interface Sent {
  readonly id: string;
  readonly attachments: readonly string[];
}

export async function openScene(target: Target): Promise<Scene> {
  const { client } = target;
  const callers = await callersOf(client);
  const send = async (body: object, files: readonly Part[] = []): Promise<Sent> => {
    const answer = await sendForm(callers.directorate, body, files);
    const { correspondences, attachmentIds } = accepted(answer);
    return { id: correspondences[0]!.correspondenceId, attachments: attachmentIds };
  };
  const announce = async (by: Client, attachment: object = {}): Promise<string> => {
    const answer = await by.post(`${api}/attachment`, {
      resourceId: resources.letters,
      fileName: 'a.txt',
      sendersReference: '1',
      ...attachment,
    });
    assert.equal(answer.status, 200, answer.text);
    return answer.json<string>();
  };
  const uploaded = async (attachment: object = {}): Promise<string> => {
    const id = await announce(callers.directorate, attachment);
    await callers.directorate.post(`${api}/attachment/${id}/upload`, { mediaType: 'application/octet-stream', bytes: Buffer.from('abc') });
    await until('the scan', async () => assert.equal(await statusOf(callers.directorate, id), 'Published'));
    return id;
  };

  const usedKey = randomUUID();
  await send(letter('used', { request: { idempotentKey: usedKey } }));
  const purgedAttachment = await announce(callers.directorate);
  await callers.directorate.delete(`${api}/attachment/${purgedAttachment}`);
  const expiredAttachment = await uploaded({ expirationInDays: 1 });
  const { id: expiring } = await send(letter('expiring', { request: { existingAttachments: [expiredAttachment] } }));
  const spareAttachment = expiredAttachment;
  const { id: published, attachments } = await send(...withFile('a.txt'));
  await until('publication', async () =>
    assert.equal((await callers.directorate.get(`${api}/correspondence/${published}`)).json<{ status: string }>().status, 'Published'),
  );

  return {
    client,
    callers: {
      ...callers,
      checker: client.with(await personalToken(client, people.citizen, ['altinn:correspondence.forward.check'])),
    },
    usedKey,
    foreignAttachment: await announce(callers.otherAgency, { resourceId: resources.others }),
    pendingAttachment: await announce(callers.directorate),
    purgedAttachment,
    expiredAttachment,
    expiring,
    spareAttachment,
    linkedAttachment: attachments[0]!,
    published,
    send,
  };
}

async function statusOf(by: Client, attachment: string): Promise<string> {
  return (await by.get(`${api}/attachment/${attachment}`)).json<{ status: string }>().status;
}

/** A letter to the citizen with one file of that name. */
export function withFile(name: string, bytes: Buffer = Buffer.from('abc'), bend: Parameters<typeof letter>[1] = {}): [object, Part[]] {
  const attachments = [{ fileName: name, sendersReference: '1' }];
  return [letter(randomUUID(), { ...bend, content: { attachments, ...bend.content } }), [file('attachments', name, 'text/plain', bytes)]];
}

/** The same request as a form: each value a field named by its path. */
export function sendForm(by: Client, body: object, files: readonly Part[] = []): Promise<Answer> {
  return by.post(`${api}/correspondence/upload`, multipart([...fieldsOf(body), ...files]));
}

function fieldsOf(value: unknown, at = ''): Part[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => fieldsOf(item, `${at}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, member]) => fieldsOf(member, at === '' ? name : `${at}.${name}`));
  }
  return value === undefined ? [] : [field(at, value === null ? '' : String(value))];
}

export { citizenUrn, organizationUrn };
