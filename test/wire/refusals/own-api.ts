import { randomUUID } from 'node:crypto';
import { type Answer, type Body, type Client, enterpriseToken, personalToken } from '../../../demo/client.ts';
import { type Operation, operationsOf } from '../../fuzz/operations.ts';
import { type Named, shapedRequest } from '../shaped-request.ts';
import { people } from '../town.ts';

export interface OwnOperation extends Operation {
  readonly refusals: readonly string[];
}

/** Operations of our own API that may refuse, as the server's document declares them. Those of the sandbox have tests of their own, and one never ends. */
export async function ownOperations(client: Client): Promise<readonly OwnOperation[]> {
  const document = (await client.get('/openapi.json')).json<{ paths: Record<string, Record<string, { 'x-refusals'?: string[] }>> }>();
  return operationsOf(document)
    .filter(({ path }) => path.startsWith('/budstikke/v1/') && !path.startsWith('/budstikke/v1/sandbox/'))
    .map((operation) => ({
      ...operation,
      refusals: document.paths[operation.path]![operation.method.toLowerCase()]!['x-refusals'] ?? [],
    }))
    .filter(({ name, refusals }) => refusals.length > 0 && name !== 'GET /budstikke/v1/inbox/changes');
}

export type Who = keyof typeof numbers | 'lowly' | 'halfScoped' | 'filesOnly' | 'unknown';
const numbers = {
  directorate: people.directorate,
  municipality: people.municipality,
  manager: people.manager,
  citizen: people.citizen,
  otherAgency: people.otherAgency,
  stranger: people.stranger,
  caseworker: people.caseworker,
} as const;

export type OwnCallers = Readonly<Record<Who, Client>>;

/** Each with every scope that our own API asks for. */
export async function ownCallers(client: Client, operations: readonly OwnOperation[]): Promise<OwnCallers> {
  const scopes = [...new Set(operations.flatMap((each) => each.scopes.flat()))].filter((scope) => !scope.startsWith('budstikke:'));
  const callers = await Promise.all(
    Object.entries(numbers).map(async ([who, number]) => {
      const token = number.length === 9 ? await enterpriseToken(client, number, scopes) : await personalToken(client, number, scopes);
      return [who, client.with(token)] as const;
    }),
  );
  const query = new URLSearchParams({ env: 'tt02', ttl: '1800', pid: people.manager, authLvl: '1', scopes: scopes.join(' ') });
  const lowly = client.with((await client.get(`/api/GetPersonalToken?${query}`)).text.trim());
  const halfScoped = client.with(
    await personalToken(client, people.manager, ['altinn:accessmanagement/enduser:connections:fromothers.write']),
  );
  const filesOnly = client.with(await enterpriseToken(client, people.directorate, ['altinn:broker.write']));
  const unknown = client.with(await enterpriseToken(client, '310000000', scopes));
  return { ...(Object.fromEntries(callers) as Record<keyof typeof numbers, Client>), lowly, halfScoped, filesOnly, unknown };
}

/** What stands in a path where nothing is named: of the form that is asked for, and nobody's. */
const nobodys: Readonly<Record<string, string>> = { token: 'x'.repeat(43), organizationNumber: people.municipality, number: '999999' };

/** A whole request that asks for what it must, with this id wherever one is asked for. */
export function ask(by: Client, operation: Operation, id: string = randomUUID()): Promise<Answer> {
  const numbered = operation.parameters.some(
    ({ in: where, name, schema }) => where === 'path' && name === 'id' && schema.type === 'integer',
  );
  const { method, path, body } = shapedRequest(operation, named, (name) =>
    name === 'id' && numbered ? nobodys.number! : (nobodys[name] ?? id),
  );
  return send(by, method, path, body);
}

const named: Named = { party: people.municipality, nationalIdentityNumber: people.stranger, lastName: 'Fugl' };

export function send(by: Client, method: string, path: string, body?: Body): Promise<Answer> {
  if (method === 'GET') return by.get(path);
  if (method === 'DELETE') return by.delete(path);
  return (method === 'PUT' ? by.put : by.post)(path, body);
}

/** An agency, a leader and a stranger; and one who has logged in at the lowest level, or is not known at all. */
const sweepers: readonly Who[] = ['directorate', 'manager', 'stranger', 'lowly', 'unknown'];

/** What everybody is refused who asks with the least that each operation takes, about nothing that is there and about a letter that is. */
export async function sweep(operations: readonly OwnOperation[], callers: OwnCallers, letter: string): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (const operation of operations)
    for (const by of sweepers.map((who) => callers[who]))
      for (const id of operation.path.includes('{') ? [randomUUID(), letter] : [randomUUID()]) {
        const answer = await ask(by, operation, id);
        const code = codeOf(answer);
        if (code) seen.add(`${operation.name} ${code}`);
      }
  return seen;
}

/** Refusals of subscriptions are bare texts, as in the original. */
const bareTexts: readonly (readonly [begins: string, code: string])[] = [
  ['"Missing or invalid endpoint', 'BUD-09750'],
  ['"SourceFilter must be', 'BUD-09751'],
  ['"Resource filter must be', 'BUD-09752'],
  ['"Not authorized to create a subscription', 'BUD-09753'],
];

export function codeOf(answer: Answer): string | undefined {
  if (!/json/.test(answer.headers.get('content-type') ?? '')) return undefined;
  const body: unknown = JSON.parse(answer.text);
  if (typeof body === 'string') return bareTexts.find(([begins]) => answer.text.startsWith(begins))?.[1];
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' ? body.code : undefined;
}
