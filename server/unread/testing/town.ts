import type { Readable } from 'node:stream';
import { onAccessChanged } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { deliverDueNotices, type Mail } from '#notifications/index.ts';
import type { Party } from '#register/index.ts';
import {
  compareCauses,
  findWatch,
  reevaluate,
  sweepCauses,
  sweepVersions,
  takeDueSteps,
  tellDeletedUnread,
  type WatchView,
} from '#watch/index.ts';
import { organizationCaller, personCaller, scopes } from '../../../test/world.ts';
import type { BrokerContext } from '../../broker/context.ts';
import { brokerRoutes } from '../../broker/routes.ts';
import { openMessage } from '../../correspondence/read/open-message.ts';
import { correspondenceRoutes } from '../../correspondence/routes.ts';
import { createTown as createPostTown, letter, send, type Town } from '../../correspondence/testing/town.ts';
import { openWire } from '../../correspondence/testing/wire.ts';
import type { UnreadContext } from '../context.ts';
import { unreadRoutes } from '../routes.ts';

export { letter, send };

/** The town of the letters, with a wire to the operations on unread post, and all mail that was sent. */
export interface UnreadTown extends Town {
  readonly ctx: UnreadContext;
  readonly mails: Mail[];
  /** `{method} {path below /budstikke/v1}` by the caller of that name. */
  call(what: string, by: string, body?: unknown): Promise<Response>;
  json<T>(what: string, by: string, body?: unknown): Promise<T>;
  /** Days go by; due steps are taken and notices sent. */
  days(count: number): Promise<void>;
  watch(id: string): Promise<WatchView>;
  open(id: CorrespondenceId, by: Caller): Promise<unknown>;
  /** `{method} {whole path}` by the caller of that name. */
  raw(what: string, by: string, body?: string, type?: string): Promise<Response>;
  /** A page below the root, as a browser asks for it. */
  browse(path: string): Promise<Response>;
  /** Bytes on the service `filer`, from one of these callers to organizations; announced, uploaded, published. */
  sendFile(by: string, from: Party, to: readonly Party[], content?: string): Promise<string>;
}

const day = 86_400;

/**
 * Callers by name: `sender` is the agency, `other` another agency, `leader` leads the municipality, `citizen` is one; `files` is the agency
 * as it sends files on its service `filer`, `fetcher` the municipality as it fetches them; and whoever is added.
 */
export async function createTown(
  more: Readonly<Record<string, Caller>> = {},
): Promise<UnreadTown & { readonly callers: Record<string, Caller> }> {
  onAccessChanged.fill(reevaluate);
  const town = await createPostTown();
  const { world } = town;
  const other = await world.organization('ANNEN ETAT', { orgCode: 'annen' });
  await world.resource('filer', town.agency, { type: 'BrokerService', senders: 'any', readers: ['DAGL', 'organization'], broker: {} });
  const mails: Mail[] = [];
  const ctx: UnreadContext & BrokerContext = {
    approvalNeeded: false,
    ...world.ctx,
    addresses: { inbox: 'https://post.example/inbox', console: 'https://post.example/console' },
    publicUrl: 'https://post.example',
    mailFrom: 'Budstikke <post@budstikke.example>',
    mail: {
      async send(mail) {
        mails.push(mail);
        return { kind: 'handed-over', answer: 'ok' };
      },
    },
    alarmEmail: 'drift@budstikke.example',
    metricsToken: 'a-token-for-metrics-of-the-test-town',
    invariants: [],
  };
  const callers: Record<string, Caller> = {
    sender: town.sender,
    other: organizationCaller(other, scopes.sender),
    leader: enduser(town.leader),
    citizen: enduser(town.citizen),
    operator: { ...organizationCaller(other, ['budstikke:operator']) },
    files: organizationCaller(town.agency, ['altinn:broker.write', 'altinn:broker.read']),
    fetcher: organizationCaller(town.municipality, ['altinn:broker.read']),
    ...more,
  };
  const wire = await openWire(town, callers, ctx as never, [...unreadRoutes, ...correspondenceRoutes, ...brokerRoutes]);
  const raw = (what: string, by: string, body?: string, type = 'application/json'): Promise<Response> => {
    const [method, path] = what.split(' ') as [string, string];
    return fetch(`http://127.0.0.1:${wire.port}${path}`, {
      method,
      headers: { authorization: by, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    });
  };
  const call = (what: string, by: string, body?: unknown): Promise<Response> =>
    raw(what.replace(' ', ' /budstikke/v1'), by, body === undefined ? undefined : JSON.stringify(body));
  const settle = async (): Promise<void> => {
    await sweepVersions(ctx);
    await sweepCauses(ctx);
    await compareCauses(ctx);
    while ((await takeDueSteps(ctx)) > 0);
    await tellDeletedUnread(ctx);
    await deliverDueNotices({ ...ctx, sms: { send: async () => ({ kind: 'handed-over', answer: 'ok' }) } });
  };
  return {
    ...town,
    ctx,
    mails,
    callers,
    browse: (path) => fetch(`http://127.0.0.1:${wire.port}${path}`, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }),
    call,
    async json<T>(what: string, by: string, body?: unknown) {
      const answer = await call(what, by, body);
      if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    async days(count) {
      await settle();
      for (let i = 0; i < count; i++) {
        await world.advance(i === 0 ? day + 60 : day);
        await settle();
      }
    },
    watch: async (id) => (await findWatch(world.db, id))!,
    open: (id, by) => openMessage(world.ctx, by, id),
    raw,
    async sendFile(by, from, to, content = 'bytene') {
      const id = ({ number }: Party) => `0192:${number}`;
      const announced = { fileName: 'sak.zip', resourceId: 'filer', sendersFileTransferReference: 'sak-1', sender: id(from) };
      const body = { ...announced, recipients: to.map(id), propertyList: {}, disableVirusScan: true };
      const made = await raw('POST /broker/api/v1/filetransfer', by, JSON.stringify(body));
      if (!made.ok) throw new Error(await made.text());
      const { fileTransferId } = (await made.json()) as { fileTransferId: string };
      const path = `/broker/api/v1/filetransfer/${fileTransferId}/upload`;
      const uploaded = await raw(`POST ${path}`, by, content, 'application/octet-stream');
      if (!uploaded.ok) throw new Error(await uploaded.text());
      return fileTransferId;
    },
  };
}

/** A person at the door of readers. */
export function enduser(person: Party): Caller {
  return { ...personCaller(person), scopes: new Set(['altinn:portal/enduser', 'altinn:correspondence.read']), authLevel: 4 };
}

export async function textOf(stream: Readable): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(String(chunk));
  return chunks.join('');
}
