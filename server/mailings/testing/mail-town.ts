import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import { createTown, type Town } from '#correspondence/testing/town.ts';
import { createCopying } from '#db/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { Party } from '#register/index.ts';
import type { MailingContext } from '../context.ts';
import { createMailing } from '../create-mailing.ts';
import { mailingInvariants } from '../invariants.ts';
import { releaseMailing } from '../move-mailing.ts';
import { receiveRecipients } from '../receive-recipients.ts';
import { sendReleased } from '../send-chunks.ts';
import { lookAtMailing } from '../show-mailing.ts';
import type { MailingView, NewMailing, Receipt, RecipientLine } from '../wire.ts';

type Letter = NewMailing['correspondence'];
export interface Differs extends Partial<Omit<Letter, 'content'>> {
  readonly content?: Partial<Letter['content']>;
}

/** The town of the letters, with a bulk door. */
export interface MailTown extends Town {
  readonly ctx: MailingContext;
}

export async function createMailTown(): Promise<MailTown> {
  const town = await createTown();
  const copying = createCopying({ url: town.world.db.pool.options.connectionString!, maxConnections: 4 });
  after(() => copying.close());
  return { ...town, ctx: { ...town.world.ctx, copying } };
}

/** A mailing that nothing is wrong with. */
export function newMailing({ content, ...rest }: Differs = {}, more: Partial<NewMailing> = {}): NewMailing {
  return {
    idempotencyKey: randomUUID(),
    correspondence: {
      resourceId: 'brev',
      sendersReference: 'utsending-1',
      content: { language: 'nb', messageTitle: 'Vedtak', messageBody: 'Du har fått et vedtak.', ...content },
      ...rest,
    },
    ...more,
  };
}

/** Begins a mailing, and gives its id. */
export async function begin(town: MailTown, differs: Differs = {}, more: Partial<NewMailing> = {}): Promise<string> {
  const { body } = await createMailing(town.ctx, town.sender, newMailing(differs, more));
  return (body as MailingView).mailingId;
}

/** Lines as they are sent: texts as they are, all else as JSON. */
export function upload(
  town: MailTown,
  mailing: string,
  lines: readonly (string | Party | Partial<RecipientLine>)[],
  { from = 1, caller = town.sender }: { readonly from?: number; readonly caller?: Caller } = {},
): Promise<Receipt> {
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify('kind' in line ? { recipient: line.number } : line)));
  return receiveRecipients(town.ctx, caller, {
    mailing,
    from,
    stream: Readable.from([Buffer.from(texts.map((text) => `${text}\n`).join(''))]),
  });
}

/** Releases it and sends what is due. */
export async function sendOff(town: MailTown, mailing: string): Promise<MailingView> {
  await releaseMailing(town.ctx, town.sender, mailing, {});
  await sendAllDue(town);
  return lookAtMailing(town.ctx, town.sender, mailing);
}

export async function sendAllDue(town: MailTown): Promise<void> {
  while ((await sendReleased(town.ctx)) === 'more');
}

/** So many citizens who can be written to, made by one statement. */
export async function manyCitizens(town: MailTown, count: number): Promise<Party[]> {
  const citizens: Party[] = [];
  for (let i = 0; i < count; i++) citizens.push(await town.world.person(`INNBYGGER ${i}`));
  return citizens;
}

/** The names of invariants that do not hold. */
export async function brokenInvariants(town: MailTown): Promise<string[]> {
  const found = await Promise.all(
    mailingInvariants.map(async ({ name, find }) => ((await town.world.db.all(find)).length > 0 ? [name] : [])),
  );
  return found.flat();
}

/** Messages to these parties, and how many each has. */
export async function messagesOf(town: MailTown, mailing: string): Promise<{ id: string; recipient: string }[]> {
  return town.world.db.all(sql`
    select m.id, m.recipient_id as recipient
      from correspondence.message m
     where m.submission_id in (select submission_id from mailings.chunk where mailing_id = ${mailing})
     order by m.id`);
}
