import type { Caller } from '#kernel/context.ts';
import { type Sql, sql } from '#kernel/database.ts';
import type { CorrespondenceId, ResourceId } from '#kernel/ids.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { type Party, partyUrn } from '#register/index.ts';
import { createWorld, organizationCaller, personCaller, scopes, type World } from '../../../test/world.ts';
import { scanAndSettle } from '../attachments/settle-scan.ts';
import { initializeCorrespondence } from '../send/initialize-correspondence.ts';
import type { InitializeCorrespondences, InitializedCorrespondences } from '../send/wire.ts';

type Letter = InitializeCorrespondences['correspondence'];
/** What differs from an ordinary letter. */
export interface Differs extends Partial<Omit<Letter, 'content'>> {
  readonly content?: Partial<Letter['content']>;
}

/** Who lives here: an agency that sends, a municipality with a leader, a company that nobody leads, and citizens. */
export interface Town {
  readonly world: World;
  readonly agency: Party;
  readonly municipality: Party;
  /** Nobody holds a role here. */
  readonly orphan: Party;
  readonly leader: Party;
  readonly citizen: Party;
  readonly reserved: Party;
  readonly letters: ResourceId;
  readonly sealed: ResourceId;
  readonly sender: Caller;
  readonly leading: Caller;
  readonly reading: Caller;
}

export async function createTown(): Promise<Town> {
  const world = await createWorld();
  const agency = await world.organization('ETATEN', { orgCode: 'etaten' });
  const municipality = await world.organization('SKIEN KOMMUNE', { email: 'post@skien.example' });
  const orphan = await world.organization('TOMT AS');
  const leader = await world.person('KARI NORDMANN', { email: 'kari@skien.example' });
  const citizen = await world.person('OLA NORDMANN', { email: 'ola@example.no' });
  const reserved = await world.person('RITA RESERVERT', { reserved: true });
  await world.role(leader, 'DAGL', municipality);
  const letters = await world.resource('brev', agency);
  const sealed = await world.resource('taushetsbelagt', agency, { readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'] });
  return {
    world,
    agency,
    municipality,
    orphan,
    leader,
    citizen,
    reserved,
    letters,
    sealed,
    sender: organizationCaller(agency, scopes.sender),
    leading: personCaller(leader),
    reading: personCaller(citizen),
  };
}

/** A letter that nothing is wrong with, to these recipients. */
export function letter(
  recipients: readonly Party[],
  differs: Differs = {},
  more: Partial<InitializeCorrespondences> = {},
): InitializeCorrespondences {
  const { content, ...rest } = differs;
  return {
    correspondence: {
      resourceId: 'brev',
      sendersReference: 'sak-1',
      content: { language: 'nb', messageTitle: 'Vedtak', messageBody: 'Du har fått et vedtak.', ...content },
      ...rest,
    },
    recipients: recipients.map(partyUrn),
    ...more,
  };
}

/** Sends, and gives the id of the first message. */
export async function send(town: Town, body: InitializeCorrespondences, files: readonly ReceivedFile[] = []): Promise<CorrespondenceId> {
  const { correspondences } = await initializeCorrespondence(town.world.ctx, town.sender, { body, files });
  return correspondences[0]!.correspondenceId as CorrespondenceId;
}

/** Sends, and gives the whole answer. */
export function sendAll(
  town: Town,
  body: InitializeCorrespondences,
  files: readonly ReceivedFile[] = [],
): Promise<InitializedCorrespondences> {
  return initializeCorrespondence(town.world.ctx, town.sender, { body, files });
}

export async function scan(town: Town, attachments: readonly string[]): Promise<void> {
  for (const id of attachments) await scanAndSettle(town.world.ctx, id as never);
}

/** What a test looks for in the database. */
export function rows<T>(town: Town, query: Sql): Promise<T[]> {
  return town.world.db.all<T>(query);
}

export async function stateOf(town: Town, id: string): Promise<string> {
  return (await town.world.db.one<{ state: string }>(sql`select state from correspondence.message where id = ${id}`)).state;
}

/** Statuses of a message, oldest first. */
export async function historyOf(town: Town, id: string): Promise<string[]> {
  const found = await rows<{ status: string }>(
    town,
    sql`select status from correspondence.status where message_id = ${id} order by at, id`,
  );
  return found.map(({ status }) => status);
}

/** Evidence about a thing, oldest first, each with what it proves. */
export async function evidenceOf(town: Town, about: string): Promise<string[]> {
  const found = await rows<{ name: string; proves: string }>(
    town,
    sql`select v.name, e.proves from evidence.evidence e join evidence.event v on v.code = e.event where e.about = ${about} order by e.at, e.id`,
  );
  return found.map(({ name, proves }) => `${name} ${proves}`);
}

/** Events of a thing, oldest first, without their common beginning. */
export async function eventsOf(town: Town, instance: string): Promise<string[]> {
  const found = await rows<{ type: string }>(town, sql`select type from events.outbox where resource_instance = ${instance} order by id`);
  return found.map(({ type }) => type.replace('no.altinn.correspondence.', ''));
}

/** Why a message will never reach its recipient, as its watch knows it; null when it may. */
export async function failureOf(town: Town, id: string): Promise<string | null> {
  return (await town.world.db.one<{ failure: string | null }>(sql`select failure from watch.item where about = ${id}`)).failure;
}

/** The outcome of the watch on a message; null while it is open. */
export async function outcomeOf(town: Town, id: string): Promise<string | null> {
  return (await town.world.db.one<{ outcome: string | null }>(sql`select outcome from watch.item where about = ${id}`)).outcome;
}
