import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Client, enterpriseToken } from '../../demo/client.ts';
import { invariantsOf } from '../../demo/own-api.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

const help = `npm run weather:open-uploads -- [options]

Holds many file transfers open at once, each with a part of its bytes by tus, while more of them comes on connections in waves, some of
which fall silent; then brings the rest. Prints the memory of the server and how long an ordinary question takes meanwhile, and fails where
a byte that was acknowledged is gone, a file is not published whole, or an invariant does not hold.

  --transfers <n>    how many (10000)
  --bytes <n>        of each (65536)
  --connections <n>  at once (400)
  --silent <n>       of these, those that fall silent in each wave while the others send (100)
  --help             this text
`;

const number = { type: 'string' } as const;
const { values } = parseArgs({
  options: { transfers: number, bytes: number, connections: number, silent: number, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(help);
  process.exit();
}
const of = (name: Exclude<keyof typeof values, 'help'>, usual: number, least: number): number => {
  const value = Number(values[name] ?? usual);
  if (Number.isInteger(value) && value >= least) return value;
  console.error(`--${name} must be a whole number from ${least} up.\n\n${help}`);
  process.exit(2);
};
const [transfers, bytes] = [of('transfers', 10_000, 1), of('bytes', 65_536, 4)];
const silentAtOnce = of('silent', 100, 0);
const connections = of('connections', 400, silentAtOnce + 1);
const half = Math.floor(bytes / 2);
const quarter = Math.floor(bytes / 4);

const senders: readonly string[] = ['315001285', '315001145', '315001005', '315001072', '315001218'];
const recipient = '315001145';
const resourceId = 'open-files';
const api = '/broker/api/v1/filetransfer';
const town = {
  version: 1,
  parties: senders.map((number) => ({ kind: 'organization', number, name: `Filstad ${number}`, unitType: 'KOMM' })),
  resources: [
    {
      id: resourceId,
      type: 'BrokerService',
      owner: senders[0],
      title: { nb: 'Filer', nn: 'Filer', en: 'Files' },
      senders: 'any',
      readers: ['organization'],
      broker: {},
    },
  ],
};

/** A transfer, and how many of its bytes were acknowledged. */
interface Open {
  readonly n: number;
  readonly id: string;
  readonly sender: string;
  acknowledged: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: connections });
const contents = (n: number): Buffer => {
  const block = createHash('sha512').update(String(n)).digest();
  return Buffer.alloc(bytes, block);
};

/** Says how far the run is, with the memory of the server. */
function tell(server: OwnServer, line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${memoryOf(server)} MiB  ${line}`);
}

function memoryOf(server: OwnServer): number {
  const status = readFileSync(`/proc/${server.process().pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
}

interface Said {
  readonly status: number;
  readonly offset: number;
}

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly token: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Sends so much of the body alone, and waits for what is said, or until it is stopped. */
  readonly silentAfter?: number;
  readonly signal?: AbortSignal;
}

function ask({ url, method, token, headers = {}, body, silentAfter, signal }: Asked): Promise<Said> {
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  const length = body ? { 'content-length': String(body.length) } : {};
  const sent = request(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0', ...length, ...headers },
    agent: silentAfter === undefined ? agent : false,
    ...(signal ? { signal } : {}),
  });
  sent.on('error', reject).on('response', (answer: IncomingMessage) => {
    answer.resume().on('end', () => resolve({ status: answer.statusCode!, offset: Number(answer.headers['upload-offset'] ?? -1) }));
    if (silentAfter !== undefined) answer.on('end', () => sent.destroy());
  });
  if (silentAfter === undefined) sent.end(body);
  else sent.write(body!.subarray(0, silentAfter));
  return promise;
}

/** So many at once, in order. */
async function inWaves<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const one of left) await work(one);
    }),
  );
}

const server = await startOwnServer('open-uploads', town);
const { client } = server;
let isOver = false;
const answers: number[] = [];
try {
  const tokens = new Map(await Promise.all(senders.map(async (one) => [one, await tokenOf(client, one)] as const)));
  const most = { memory: 0 };
  const begun = Date.now();
  tell(server, `${transfers} transfers of ${bytes} bytes, ${connections} connections, ${silentAtOnce} of them silent`);
  const looking = lookOn(tokens.get(senders[1]!)!, most);

  const open: Open[] = [];
  const path = (id: string): string => `${client.baseUrl}${api}/upload/tus/${id}`;
  await inWaves(
    Array.from({ length: transfers }, (_, n) => n),
    Math.min(192, connections),
    async (n) => {
      const sender = senders[n % senders.length]!;
      const token = tokens.get(sender)!;
      const made = await persist(() =>
        client.with(token).post(api, {
          fileName: `${n}.bin`,
          resourceId,
          sendersFileTransferReference: `${n}`,
          sender: `0192:${sender}`,
          recipients: [`0192:${recipient}`],
          disableVirusScan: true,
        }),
      );
      const { fileTransferId: id } = made.json<{ fileTransferId: string }>();
      const headers = { 'upload-length': String(bytes), 'content-type': 'application/offset+octet-stream' };
      const { status, offset } = await ask({ url: path(id), method: 'POST', token, headers, body: contents(n).subarray(0, half) });
      assert.deepEqual([status, offset], [201, half]);
      open.push({ n, id, sender, acknowledged: half });
      if (open.length % 1000 === 0) tell(server, `${open.length} open, each with ${half} bytes`);
    },
  );
  tell(server, `all are open (${Math.round((Date.now() - begun) / 1000)} s)`);

  const lookAt = async (one: Open): Promise<void> => {
    const { offset } = await ask({ url: path(one.id), method: 'HEAD', token: tokens.get(one.sender)! });
    assert.ok(offset >= one.acknowledged, 'an acknowledged byte is gone');
    one.acknowledged = offset;
  };
  const patch = async (one: Open, upTo: number): Promise<void> => {
    for (;;) {
      const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(one.acknowledged) };
      const body = contents(one.n).subarray(one.acknowledged, upTo);
      const { status, offset } = await ask({ url: path(one.id), method: 'PATCH', token: tokens.get(one.sender)!, headers, body });
      if (status === 204) {
        assert.equal(offset, upTo);
        one.acknowledged = upTo;
        sent += 1;
        if (sent % 2000 === 0) tell(server, `${sent} more requests have brought bytes`);
        return;
      }
      if (status === 409) {
        const before = one.acknowledged;
        await lookAt(one); // what a silent request had sent is there
        assert.ok(one.acknowledged > before, 'a part was refused where it is');
        if (one.acknowledged >= upTo) return;
        continue;
      }
      assert.ok(status === 503 || status === 423, `a part was answered ${status}`);
      waited += 1;
      await sleep(500 + Math.random() * 1500);
    }
  };
  let [sent, waited, givenAway] = [0, 0, 0];
  const isSilentEnough = new AbortController();
  const silence = async (one: Open): Promise<void> => {
    if (isSilentEnough.signal.aborted) return;
    const { signal } = isSilentEnough;
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(one.acknowledged) };
    const body = contents(one.n).subarray(one.acknowledged, half + quarter);
    const token = tokens.get(one.sender)!;
    const said = await ask({ url: path(one.id), method: 'PATCH', token, headers, body, silentAfter: 1000, signal }).catch(() => undefined);
    givenAway += said?.status === 503 ? 1 : 0;
  };
  const [silent, busy] = [open.filter(({ n }) => n % 5 === 0).slice(0, silentAtOnce * 4), open];
  const falling = inWaves(silent, silentAtOnce, silence);
  const silentOnes = new Set(silent);
  await inWaves(
    busy.filter((one) => !silentOnes.has(one)),
    connections - silentAtOnce,
    (one) => patch(one, half + quarter),
  );
  tell(
    server,
    `three quarters of each but the silent ones; ${waited} were told to come again, ${givenAway} silent ones gave their place up`,
  );
  isSilentEnough.abort();
  await falling;
  for (const one of silent) await lookAt(one);
  await inWaves(open, connections, (one) => patch(one, bytes));
  tell(server, `all are whole; ${waited} were told to come again, ${givenAway} silent ones gave their place up`);

  const receives = await tokenOf(client, recipient);
  await inWaves(
    open.filter((_, i) => i % 20 === 0),
    16,
    async ({ id, n }) => {
      const got = await persist(() => client.with(receives).get(`${api}/${id}/download`));
      assert.ok(got.bytes.equals(contents(n)), `file ${n} is another than was sent`);
    },
  );
  await inWaves(open, 16, async ({ id, sender }) => {
    const shown = await persist(() => client.with(tokens.get(sender)!).get(`${api}/${id}`));
    assert.equal(shown.json<{ fileTransferStatus: string }>().fileTransferStatus, 'Published');
  });
  isOver = true;
  await looking;
  const owner = await enterpriseToken(client, senders[0]!, ['altinn:serviceowner', 'altinn:correspondence.write']);
  const { invariants } = await invariantsOf(client.with(owner));
  assert.deepEqual(
    invariants.filter(({ holds }) => !holds),
    [],
  );
  const sorted = answers.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)]!);
  console.log(`
transfers         ${transfers} of ${bytes} bytes, each published whole; every twentieth fetched and compared
told to wait      ${waited} times; ${givenAway} silent requests gave their place up
memory            ${most.memory} MiB at most
other questions   p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, the slowest ${at(0.9999)} ms, of ${sorted.length}
invariants        hold
took              ${Math.round((Date.now() - begun) / 1000)} s`);
} finally {
  isOver = true;
  await server.stop();
  agent.destroy();
}

async function tokenOf(of: Client, organization: string): Promise<string> {
  const scopes = ['altinn:broker.write', 'altinn:broker.read'];
  const parameters = new URLSearchParams({ env: 'tt02', ttl: '36000', orgNo: organization, scopes: scopes.join(' ') });
  return (await of.get(`/api/GetEnterpriseToken?${parameters}`)).text.trim();
}

/** What is told to come again does. */
async function persist<T extends { readonly status: number; readonly text: string }>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await work();
    if (answer.status === 200) return answer;
    assert.equal(answer.status, 503, answer.text);
    await sleep(1000);
  }
}

/** Somebody else asks something ordinary, ten times a second at most. */
async function lookOn(token: string, most: { memory: number }): Promise<void> {
  const asking = client.with(token);
  while (!isOver) {
    const began = performance.now();
    const { status } = await asking.get(`${api}?resourceId=${resourceId}&status=Published`);
    assert.equal(status, 200);
    answers.push(performance.now() - began);
    most.memory = Math.max(most.memory, memoryOf(server));
    await sleep(100);
  }
}
