import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { type Client, enterpriseToken, letterForm, md5, organizationUrn, personUrn } from '../../demo/client.ts';
import { type OwnServer, startOwnServer } from '../../test/wire/server.ts';

/** The demo's town, which the sandbox begins with. */
const town = JSON.parse(readFileSync(new URL('../../server/sandbox/towns/demo.json', import.meta.url), 'utf8')) as {
  parties: { kind: 'person' | 'organization'; name: string; number: string }[];
  resources: object[];
};

/** Files from the tax agency to whom it likes; the demo's town has letters only. */
const files = {
  ...{ id: 'skatt-filer', type: 'BrokerService', senders: 'any', readers: ['DAGL', 'organization'] },
  ...{ title: { nb: 'Filer', nn: 'Filer', en: 'Files' }, broker: { maxFileTransferSize: 60_000_000, fileTransferTimeToLive: 'P30D' } },
};

/** Letters that only accountants may read, by a package that nobody can be given: access is given to the service or to a letter. */
const accounts = {
  ...{ id: 'politiet-regnskap', type: 'CorrespondenceService', readers: ['package:regnskapsforer-lonn'], unreachable: 'accept' },
  ...{ title: { nb: 'Regnskapskontroll', nn: 'Rekneskapskontroll', en: 'Control of accounts' } },
};

const senderScopes = [
  'altinn:serviceowner',
  'altinn:correspondence.write',
  'altinn:correspondence.read',
  'altinn:broker.write',
  'altinn:broker.read',
];
const api = '/correspondence/api/v1/correspondence';
const broker = '/broker/api/v1/filetransfer';

export function numberOf(name: string): string {
  const party = town.parties.find((one) => one.name === name);
  assert.ok(party, `${name} lives in the demo's town`);
  return party.number;
}

function urnOf(name: string): string {
  const party = town.parties.find((one) => one.name === name)!;
  return party.kind === 'person' ? personUrn(party.number) : organizationUrn(party.number);
}

export interface TestLetter {
  readonly from: 'Skatteetaten' | 'Fjordane politidistrikt';
  readonly to: string;
  readonly title: string;
  readonly body?: string;
  readonly confirm?: boolean;
  readonly dueAt?: string;
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  readonly replies?: readonly { readonly linkURL: string; readonly linkText: string }[];
  readonly forwarding?: boolean;
  /** From the police: a letter that accountants may read. */
  readonly toAccountants?: boolean;
  /** Another service than the sender's usual one. */
  readonly service?: string;
}

export interface Stage {
  readonly server: OwnServer;
  readonly url: string;
  send(letter: TestLetter): Promise<string>;
  /** A file from Skatteetaten to an organization. */
  sendFile(to: string, fileName: string, text: string): Promise<void>;
  stop(): Promise<void>;
}

/** A server of our own with the demo's town, and senders that write to it by the API. */
export async function setStage(name: string): Promise<Stage> {
  const resources = [
    ...town.resources,
    { ...files, owner: numberOf('Skatteetaten') },
    { ...accounts, owner: numberOf('Fjordane politidistrikt') },
  ];
  const server = await startOwnServer(name, { ...town, resources });
  const senders = new Map<string, Client>();
  const senderOf = async (from: string): Promise<Client> => {
    const known = senders.get(from);
    if (known) return known;
    const client = server.client.with(await enterpriseToken(server.client, numberOf(from), senderScopes));
    senders.set(from, client);
    return client;
  };
  return {
    server,
    url: server.client.baseUrl,
    stop: server.stop,
    sendFile: async (to, fileName, text) => {
      const sender = await senderOf('Skatteetaten');
      const [from, recipient] = ['Skatteetaten', to].map((one) => `0192:${numberOf(one)}`);
      const begun = await sender.post(broker, {
        ...{ resourceId: files.id, fileName, sender: from },
        ...{ sendersFileTransferReference: 'web', recipients: [recipient], propertyList: {} },
      });
      assert.equal(begun.status, 200, begun.text);
      const { fileTransferId } = begun.json<{ fileTransferId: string }>();
      const taken = await sender.post(`${broker}/${fileTransferId}/upload`, {
        mediaType: 'application/octet-stream',
        bytes: Buffer.from(text),
      });
      assert.equal(taken.status, 200, taken.text);
    },
    send: async (letter) => {
      const sender = await senderOf(letter.from);
      const answer = await sender.post(`${api}/upload`, formOf(letter));
      assert.equal(answer.status, 200, answer.text);
      const id = answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
      await untilPublished(sender, id);
      return id;
    },
  };
}

function serviceOf({ from, toAccountants }: TestLetter): string {
  if (toAccountants) return accounts.id;
  return from === 'Skatteetaten' ? 'skatt-varsel' : 'politiet-bekymringsmelding';
}

function formOf(letter: TestLetter): FormData {
  const isPolice = letter.from !== 'Skatteetaten';
  const files = (letter.files ?? []).map(({ name, text }) => ({ name, mediaType: 'text/plain', bytes: Buffer.from(text) }));
  const fields: Record<string, string> = {
    'recipients[0]': urnOf(letter.to),
    'correspondence.resourceId': letter.service ?? serviceOf(letter),
    'correspondence.sendersReference': 'web-test',
    'correspondence.isConfirmationNeeded': String(letter.confirm ?? false),
    'correspondence.isConfidential': String(isPolice && !letter.toAccountants),
    'correspondence.allowForwarding': String(letter.forwarding ?? true),
    'correspondence.content.language': 'nb',
    'correspondence.content.messageTitle': letter.title,
    'correspondence.content.messageSummary': '',
    'correspondence.content.messageBody': letter.body ?? 'Hei.\n\nDette er et **brev**.',
    ...(letter.dueAt || letter.confirm ? { 'correspondence.dueDateTime': letter.dueAt ?? inThreeWeeks() } : {}),
  };
  for (const [index, { linkURL, linkText }] of (letter.replies ?? []).entries()) {
    fields[`correspondence.replyOptions[${index}].linkURL`] = linkURL;
    fields[`correspondence.replyOptions[${index}].linkText`] = linkText;
  }
  for (const [index, { name, bytes }] of files.entries()) {
    const at = `correspondence.content.attachments[${index}]`;
    fields[`${at}.fileName`] = name;
    fields[`${at}.checksum`] = md5(bytes);
    fields[`${at}.sendersReference`] = `fil-${index}`;
    fields[`${at}.dataLocationType`] = 'NewCorrespondenceAttachment';
  }
  return letterForm(fields, files);
}

/** A letter comes to its recipient when its files have been looked through. */
async function untilPublished(sender: Client, id: string): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const answer = await sender.get(`${api}/${id}`);
    if (answer.json<{ published: string | null }>().published) return;
    await sleep(100);
  }
  assert.fail(`the letter ${id} is not published after a minute`);
}

function inThreeWeeks(): string {
  return new Date(Date.now() + 21 * 86_400_000).toISOString();
}

/** Logs in by the sandbox's login page, by keyboard alone, and comes back to the page that was wanted. */
export async function logIn(page: Page, url: string, person: string, returnTo = '/inbox'): Promise<void> {
  await page.goto(`${url}/login?${new URLSearchParams({ returnTo })}`);
  if (!page.url().includes('/idporten/')) return;
  await page.getByRole('button', { name: new RegExp(person) }).press('Enter');
  await page.waitForURL((now) => !now.pathname.startsWith('/idporten/'));
}
