import assert from 'node:assert/strict';
import { after } from 'node:test';
import { createHttp } from '#http/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import { type Sql, sql } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import type { Places } from '#kernel/places.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import type { AnyRoute } from '#kernel/route.ts';
import type { Party } from '#register/index.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { createWorld, organizationCaller, type World } from '../../../test/world.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors } from '../errors.ts';
import { brokerRoutes } from '../routes.ts';
import { scanAndSettle } from '../send/settle-scan.ts';
import type { InitializeTransfer } from '../send/wire.ts';

export const brokerScopes = {
  sender: ['altinn:broker.write'],
  recipient: ['altinn:broker.read'],
  both: ['altinn:broker.write', 'altinn:broker.read'],
  owner: ['altinn:serviceowner'],
} as const;

/** Who lives here: an agency that owns a service for files, a municipality that sends, two that receive, and a stranger. */
export interface Town {
  readonly world: World;
  readonly ctx: BrokerContext;
  readonly agency: Party;
  readonly sending: Party;
  readonly first: Party;
  readonly second: Party;
  readonly files: ResourceId;
  readonly callers: Readonly<Record<'sender' | 'first' | 'second' | 'stranger' | 'owner', Caller>>;
}

export async function createTown(): Promise<Town> {
  const world = await createWorld();
  const agency = await world.organization('ETATEN', { orgCode: 'etaten', email: 'post@etaten.example' });
  const sending = await world.organization('SKIEN KOMMUNE', { email: 'post@skien.example' });
  const first = await world.organization('PORSGRUNN KOMMUNE', { email: 'post@porsgrunn.example' });
  const second = await world.organization('BAMBLE KOMMUNE', { email: 'post@bamble.example' });
  const stranger = await world.organization('NYSGJERRIG AS');
  const files = await world.resource('filer', agency, {
    type: 'BrokerService',
    senders: 'any',
    readers: ['DAGL', 'organization'],
    broker: {},
  });
  const callers = {
    sender: organizationCaller(sending, brokerScopes.sender),
    first: organizationCaller(first, brokerScopes.recipient),
    second: organizationCaller(second, brokerScopes.recipient),
    stranger: organizationCaller(stranger, brokerScopes.both),
    owner: organizationCaller(agency, [...brokerScopes.owner, ...brokerScopes.both]),
  };
  return { world, ctx: { ...world.ctx, approvalNeeded: false }, agency, sending, first, second, files, callers };
}

export const organizationId = ({ number }: Party): string => `0192:${number}`;

/** A transfer that nothing is wrong with, from the sending municipality to the first. */
export function transferOf({ sending, first }: Town, differs: Partial<InitializeTransfer> = {}): InitializeTransfer {
  return {
    fileName: 'sbd.zip',
    resourceId: 'filer',
    sendersFileTransferReference: 'sak-1',
    sender: organizationId(sending),
    recipients: [organizationId(first)],
    propertyList: {},
    disableVirusScan: true,
    ...differs,
  };
}

export function rows<T>({ world }: Town, query: Sql): Promise<T[]> {
  return world.db.all<T>(query);
}

export const scan = ({ ctx }: Town, id: string): Promise<void> => scanAndSettle(ctx, id as never);

/** Statuses of a transfer, oldest first. */
export async function historyOf(town: Town, id: string): Promise<string[]> {
  return (await rows<{ status: string }>(town, sql`select status from broker.status where file_transfer_id = ${id} order by at, id`)).map(
    ({ status }) => status,
  );
}

/** Events of a transfer, oldest first, each with the role that it is told in. */
export async function eventsOf(town: Town, id: string): Promise<string[]> {
  const found = await rows<{ type: string; role: string }>(
    town,
    sql`select type, data ->> 'Role' as role from events.outbox where resource_instance = ${id} order by id`,
  );
  return found.map(({ type, role }) => `${type.replace('no.altinn.broker.', '')} ${role}`);
}

/** Evidence about a transfer, oldest first, each with what it proves. */
export async function evidenceOf(town: Town, id: string): Promise<string[]> {
  const found = await rows<{ name: string; proves: string }>(
    town,
    sql`select v.name, e.proves from evidence.evidence e join evidence.event v on v.code = e.event where e.about = ${id} order by e.at, e.id`,
  );
  return found.map(({ name, proves }) => `${name} ${proves}`);
}

/** A recipient's download, which is recorded when this is over. */
export async function fetchWhole(wire: Wire, id: string, by: string): Promise<Buffer> {
  const download = await wire.request('GET', `/filetransfer/${id}/download`, by);
  assert.equal(download.status, 200, await download.clone().text());
  const bytes = Buffer.from(await download.arrayBuffer());
  await allRecorded();
  return bytes;
}

/** Outcomes of the watches on a transfer, null while one is open, in the order of its recipients. */
export async function outcomesOf(town: Town, id: string): Promise<(string | null)[]> {
  const found = await rows<{ outcome: string | null }>(
    town,
    sql`select i.outcome from watch.item i join broker.recipient r on r.file_transfer_id = i.about and r.party_id = i.party_id
         where i.about = ${id} order by r.ordinal`,
  );
  return found.map(({ outcome }) => outcome);
}

export interface Wire {
  readonly port: number;
  request(
    method: string,
    path: string,
    by: string,
    more?: { readonly body?: NonNullable<RequestInit['body']>; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response>;
  json(method: string, path: string, by: string, body?: unknown): Promise<Response>;
  /** Announces and hands over these bytes; the id. */
  send(by: string, body: InitializeTransfer, content: string | Uint8Array<ArrayBuffer>): Promise<string>;
}

/** The operations of this feature behind a socket. A request is made by the caller whose name it bears as its token. */
export async function openWire(
  town: Town,
  more: Readonly<Record<string, Caller>> = {},
  context: BrokerContext = town.ctx,
  routes: readonly AnyRoute[] = brokerRoutes,
  { limitsCalls = false, ...places }: { readonly limitsCalls?: boolean; readonly places?: Places; readonly giving?: Places } = {},
): Promise<Wire> {
  const callers: Readonly<Record<string, Caller>> = { ...town.callers, ...more };
  const http = await createHttp({
    routes,
    context,
    authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
    blobs: context.blobs,
    log: silentLog,
    checkAnswers: true,
    publicUrl: 'http://localhost',
    ...(limitsCalls ? { limitsCallsBy: context.db } : {}),
    ...places,
  });
  const port = await http.listen(0, '127.0.0.1');
  after(() => http.close(0));
  const request: Wire['request'] = (method, path, by, { body, headers } = {}) =>
    fetch(`http://127.0.0.1:${port}/broker/api/v1${path}`, {
      method,
      headers: { authorization: by, ...headers },
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    } as RequestInit);
  const json: Wire['json'] = (method, path, by, body) =>
    request(method, path, by, body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  return {
    port,
    request,
    json,
    async send(by, body, content) {
      const made = await json('POST', '/filetransfer', by, body);
      assert.equal(made.status, 200, await made.clone().text());
      const { fileTransferId } = (await made.json()) as { fileTransferId: string };
      const uploaded = await request('POST', `/filetransfer/${fileTransferId}/upload`, by, { body: content, headers: octets });
      assert.equal(uploaded.status, 200, await uploaded.clone().text());
      assert.deepEqual(await uploaded.json(), { fileTransferId });
      return fileTransferId;
    },
  };
}

export const octets = { 'content-type': 'application/octet-stream' };

/** The envelope of a refusal with this code. */
export async function assertRefused(answer: Response, code: number): Promise<void> {
  const row: ErrorRow = Object.values(brokerErrors).find((one) => one.code === code)!;
  const body = await answer.text();
  assert.equal(answer.status, row.status, body);
  const said = JSON.parse(body) as { code: string; detail: string; status: number; title: string; type: string; traceId: string };
  assert.equal(said.code, `BRO-${String(code).padStart(5, '0')}`, body);
  assert.match(said.detail, new RegExp(`^${RegExp.escape(row.text).replaceAll(/\\\{\w+\\\}/g, '.+')}$`));
  assert.ok(said.traceId && said.title && said.type && said.status === row.status, body);
}
