import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Client, createClient, enterpriseToken, personalToken } from '../../demo/client.ts';
import { type Citizen, directorate, resourceId, urnOf } from './town.ts';

const api = '/correspondence/api/v1/correspondence';
/** Tokens of the sandbox are good for half an hour. */
const tokenMillis = 20 * 60_000;
const callers = 16;

export interface Done {
  readonly requests: number;
  /** Answers that a client did not expect. */
  readonly failed: readonly string[];
}

export interface Load {
  /** Requests a second that many callers get answered who wait for nothing else. */
  measure(seconds: number): Promise<number>;
  /** So many requests a second until `until` says that it is over. Whoever falls behind does not catch up. */
  keep(perSecond: number, isOver: () => boolean): Promise<void>;
  readonly done: Done;
}

/** Letters sent, each then opened by its recipient, who lists the inbox too: three requests a round. */
export function createLoad(url: string, citizens: readonly Citizen[]): Load {
  const server = createClient(url);
  const tokens = new Map<string, { readonly madeAt: number; readonly token: Promise<string> }>();
  const failed: string[] = [];
  let requests = 0;

  const asking = async (who: string, make: () => Promise<string>): Promise<Client> => {
    const known = tokens.get(who);
    const current = known && Date.now() - known.madeAt < tokenMillis ? known : { madeAt: Date.now(), token: make() };
    tokens.set(who, current);
    return server.with(await current.token);
  };
  const sender = () =>
    asking(directorate, () => enterpriseToken(server, directorate, ['altinn:serviceowner', 'altinn:correspondence.write']));
  const reader = ({ number }: Citizen) =>
    asking(number, () => personalToken(server, number, ['altinn:correspondence.read', 'altinn:portal/enduser']));

  const counted = async (what: string, answer: Promise<Answer>): Promise<Answer | undefined> => {
    try {
      const given = await answer;
      if (given.status === 200) requests += 1;
      else failed.push(`${what}: ${given.status} ${given.text.slice(0, 200)}`);
      return given.status === 200 ? given : undefined;
    } catch (error) {
      failed.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const round = async (): Promise<void> => {
    const citizen = citizens[Math.floor(Math.random() * citizens.length)]!;
    const sent = await counted('send', (await sender()).post(api, letterTo(citizen)));
    if (!sent) return;
    const id = sent.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
    const asCitizen = await reader(citizen);
    await counted('open', asCitizen.get(`${api}/${id}/content`));
    await counted('list', asCitizen.get(`${api}?${new URLSearchParams({ resourceId, role: 'Recipient' })}`));
  };
  const keepAll = async (pauseOf: (begunAt: number) => number, isOver: () => boolean): Promise<void> => {
    const call = async (_: unknown, i: number): Promise<void> => {
      await sleep((pauseOf(Date.now()) * i) / callers);
      while (!isOver()) {
        const begunAt = Date.now();
        await round();
        await sleep(pauseOf(begunAt));
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
  };

  return {
    async measure(seconds) {
      const [before, begun] = [requests, Date.now()];
      await keepAll(
        () => 0,
        () => Date.now() - begun > seconds * 1000,
      );
      return (requests - before) / ((Date.now() - begun) / 1000);
    },
    keep(perSecond, isOver) {
      const roundMillis = (3 * callers * 1000) / perSecond;
      return keepAll((begunAt) => Math.max(0, roundMillis - (Date.now() - begunAt)), isOver);
    },
    get done() {
      return { requests, failed };
    },
  };
}

function letterTo(citizen: Citizen): object {
  return {
    idempotentKey: randomUUID(),
    recipients: [urnOf(citizen)],
    correspondence: {
      resourceId,
      sendersReference: 'soak',
      content: { language: 'nb', messageTitle: 'Brev', messageSummary: 'Et av mange', messageBody: 'Et brev blant mange. '.repeat(80) },
    },
  };
}
