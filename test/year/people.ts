import { announceAccessChanges, createGrant, saveRoleAssignments } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Purpose } from '#notifications/index.ts';
import { confirmMessage } from '../../server/correspondence/read/confirm-message.ts';
import { openMessage } from '../../server/correspondence/read/open-message.ts';
import { decideMessage } from '../../server/desk/decide-message.ts';
import { inTurns } from '../in-turns.ts';
import { instantOf, isAtWork, nextDate, onTheWall } from './calendar.ts';
import { type Chance, type Country, type Move, type Organization, type Person, readingHour } from './country.ts';
import { atOnce, confidentialPackage, type Stage } from './stage.ts';

/** Somebody who has been told something and sits down to it at a time of their own. */
export interface Visit {
  readonly at: number;
  readonly kind: 'reads' | 'grants' | 'decides';
  /** Number of the person, or of the sender. */
  readonly who: string;
  /** Number of the organization whose post it is; a citizen's own. */
  readonly at_: string;
}

export interface Told {
  readonly purpose: Purpose;
  readonly who: string;
  readonly party: string;
}

const reading: ReadonlySet<Purpose> = new Set(['new-mail', 'reminder', 'reminder-confirm', 'attachment-unlocked', 'attachment-reminder']);
const granting: ReadonlySet<Purpose> = new Set(['sealed', 'sealed-attachment']);

/** Whether somebody who was told does anything about it, and when: by day, and at work on working days only. */
export function visitOf(chance: Chance, { purpose, who, party }: Told, at: number): Visit | undefined {
  const kind = reading.has(purpose) ? 'reads' : granting.has(purpose) ? 'grants' : purpose === 'sender-decision' ? 'decides' : undefined;
  if (!kind) return undefined;
  const drawn = (what: string) => chance(what, who, party, at, purpose);
  const willing = kind === 'decides' ? 0.9 : purpose === 'new-mail' ? 0.55 : 0.4;
  if (drawn('acts') > willing) return undefined;
  const atWork = who !== party;
  let { date } = onTheWall(at);
  date = nextDate(date, Math.floor(drawn('after days') ** 2 * 6));
  while ((atWork && !isAtWork(date)) || instantOf(date, readingHour) <= at) date = nextDate(date);
  return { at: instantOf(date, readingHour), kind, who, at_: party };
}

const person = (stage: Stage, number: string): Caller => {
  const subject = stage.partyOf.get(number)!;
  const scopes = new Set(['altinn:correspondence.read', 'altinn:portal/enduser']);
  return { kind: 'person', issuer: 'altinn', subject, party: subject, consumer: null, scopes, authLevel: 3, clientId: null } as Caller;
};

export function authority(stage: Stage, number: string): Caller {
  const party = stage.partyOf.get(number)!;
  const scopes = new Set(['altinn:serviceowner', 'altinn:correspondence.write']);
  return {
    kind: 'organization',
    issuer: 'altinn',
    subject: party,
    party,
    consumer: party,
    scopes,
    authLevel: 3,
    clientId: 'year',
  } as Caller;
}

/**
 * Does what the visits of one time are for, of one kind. What somebody may not do any more, or somebody else has done, is left. Those who come
 * to different post come at once: it is the same in whatever order they do.
 */
export async function pay(stage: Stage, { country, chance }: Plan, kind: Visit['kind'], visits: readonly Visit[]): Promise<void> {
  for (const turn of inTurn(visits.filter((visit) => visit.kind === kind))) {
    if (kind === 'reads') await read(stage, chance, turn);
    else await inTurns(turn, (visit) => (kind === 'decides' ? decide(stage, chance, visit) : grant(stage, country, chance, visit)), atOnce);
  }
}

interface Plan {
  readonly country: Country;
  readonly chance: Chance;
}

/** The visits to each one's post one after another: the first of all, then the second. */
function inTurn(visits: readonly Visit[]): Visit[][] {
  const turns: Visit[][] = [];
  for (const visit of visits) {
    const turn = turns.find((those) => !those.some(({ at_ }) => at_ === visit.at_));
    if (turn) turn.push(visit);
    else turns.push([visit]);
  }
  return turns;
}

interface Found {
  readonly id: CorrespondenceId;
  readonly party: PartyId;
  readonly n: string;
  readonly confirm: boolean;
  readonly opened: boolean;
}

/** All that lies there is opened, but for what comes at this moment, and some of what asks for it is confirmed. */
async function read(stage: Stage, chance: Chance, visits: readonly Visit[]): Promise<void> {
  const visitTo = new Map(visits.map((visit) => [stage.partyOf.get(visit.at_)!, visit]));
  const found = await stage.reader.all<Found>(sql`
    select m.id, m.recipient_id as party, s.senders_reference as n, s.is_confirmation_needed as confirm, m.opened_at is not null as opened
      from (select about, party_id from watch.item where settled_at is null and party_id = any(${[...visitTo.keys()]}::uuid[]) offset 0) i
      join correspondence.message m on m.id = i.about and m.recipient_id = i.party_id and m.published_at < clock.now()
      join correspondence.submission s on s.id = m.submission_id`);
  await Promise.all(
    found.map(async ({ id, party, n, confirm, opened }) => {
      const { who, at } = visitTo.get(party)!;
      const caller = person(stage, who);
      if (!opened) await unlessRefused(() => openMessage(stage.ctx, caller, id));
      if (confirm && chance('confirms', n, who, at) < 0.6) await unlessRefused(() => confirmMessage(stage.ctx, caller, id));
    }),
  );
}

async function grant(stage: Stage, { organizations }: Country, chance: Chance, { at_, who, at }: Visit): Promise<void> {
  const organization = organizations.find(({ number }) => number === at_)!;
  const to = organization.staff[Math.floor(chance('grants to', at_, at) * organization.staff.length)]!;
  const request = { at: `urn:altinn:organization:identifier-no:${at_}`, to: `urn:altinn:person:identifier-no:${to.number}` };
  await unlessRefused(() =>
    createGrant(stage.ctx, person(stage, who), { ...request, lastName: to.lastName, package: confidentialPackage }),
  );
}

async function decide(stage: Stage, chance: Chance, { who }: Visit): Promise<void> {
  const found = await stage.reader.all<{ id: CorrespondenceId; n: string }>(sql`
    select m.id, s.senders_reference as n
      from watch.item i join correspondence.message m on m.id = i.about join correspondence.submission s on s.id = m.submission_id
     where i.sender_id = ${stage.partyOf.get(who)!} and i.settled_at is null and i.asked_at is not null and i.opened_at is null
     order by s.senders_reference`);
  const decideOne = async ({ id, n }: (typeof found)[number]) => {
    const drawn = chance('decides', n, stage.now());
    if (drawn > 0.5) return;
    const decision = drawn < 0.2 ? 'recall' : 'accept-as-unread';
    await unlessRefused(() =>
      decideMessage(stage.ctx, authority(stage, who), id, { decision, name: 'Saksbehandler', reason: 'Sendt som brev.' } as never),
    );
  };
  await Promise.all(found.map(decideOne));
}

/** Whoever leads a municipality goes, and somebody else of the staff comes in their place. */
export function move(stage: Stage, country: Country, { kind, organization }: Move): Promise<void> {
  const { manager, staff } = country.organizations.find(({ number }) => number === organization) as Organization & { manager: Person };
  const at = stage.partyOf.get(organization)!;
  return stage.ctx.db.transaction(async (tx) => {
    if (kind === 'leaves') {
      await tx.run(sql`delete from access.role_assignment where at_id = ${at} and holder_id = ${stage.partyOf.get(manager.number)!}`);
      await tx.run(sql`update access.access_grant set revoked_at = clock.now() where from_id = ${at} and revoked_at is null`);
    } else saveRoleAssignments(tx, [{ holder: stage.partyOf.get(staff[0]!.number)!, role: 'DAGL', at }]);
    await announceAccessChanges(tx);
  });
}

export async function unlessRefused(work: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
