import { type MassLetter, type MassReach, type MassRefusal, reachOfMany } from '#correspondence/index.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Party, resolveParties } from '#register/index.ts';
import type { MailingContext } from './context.ts';
import { mailingErrors as e, type LineError, lineErrors } from './errors.ts';
import type { Line } from './read-lines.ts';
import { type ReadRecipient, readRecipient } from './read-recipient.ts';
import { type ClassCounts, type Policies, saveChunk } from './store/chunk.ts';
import { lockMailing, saveReceived } from './store/mailing.ts';
import { copyRecipients, findTwice, type StagedRecipient } from './store/recipient.ts';
import { type RefusedLine, saveRefusals } from './store/refusal.ts';

/** A line by its number in the mailing. */
export interface NumberedLine {
  readonly line: number;
  readonly read: Line;
}

/** What became of some lines; `next` is the one to continue from. */
export interface Staged {
  readonly next: number;
  readonly staged: number;
  readonly refused: number;
}

/** Lines that follow one another, judged: each is staged or refused. */
export interface JudgedLines {
  readonly staged: readonly StagedRecipient[];
  readonly refused: readonly RefusedLine[];
}

/**
 * Takes lines that follow one another for good, as recipients and refusals. One transaction, which another that takes the same lines
 * waits for; lines that were taken before change nothing.
 *
 * Refuses mailingClosed and linesMissing.
 */
export async function stageLines(ctx: MailingContext, mailing: string, letter: MassLetter, judged: JudgedLines): Promise<Staged> {
  try {
    return await keepLines(ctx, mailing, letter, judged);
  } catch (error) {
    if (!isTwice(error)) throw error;
    const twice = await findTwice(
      ctx.db,
      mailing,
      judged.staged.map(({ partyId }) => partyId),
    );
    return keepLines(ctx, mailing, letter, withoutTwice(judged, twice));
  }
}

const isTwice = (error: unknown): boolean => error instanceof Error && 'constraint' in error && error.constraint === 'recipient_once';

/** Everything that needs no lock: what the lines say, whom they name, who could open. Each becomes a recipient or a refusal. */
export async function judgeLines(ctx: MailingContext, letter: MassLetter, lines: readonly NumberedLine[]): Promise<JudgedLines> {
  const refused: RefusedLine[] = [];
  const refuseLine = (line: number, error: LineError, field: string | null = null): void => {
    refused.push({ line, code: lineErrors[error].code, field });
  };
  const read: (ReadRecipient & { readonly line: number })[] = [];
  for (const { line, read: text } of lines) {
    const recipient = readRecipient(text, letter);
    if ('error' in recipient) refuseLine(line, recipient.error, recipient.field);
    else read.push({ ...recipient, line });
  }
  const parties = await resolveParties(
    ctx,
    read.map(({ number }) => number),
  );
  const addressed: { readonly id: CorrespondenceId; readonly party: Party; readonly line: number; readonly own: ReadRecipient['own'] }[] =
    [];
  const seen = new Set<PartyId>();
  for (const { line, number, own } of read) {
    const party = parties.get(number);
    if (!party) refuseLine(line, 'recipientUnknown', 'recipient');
    else if (seen.has(party.id)) refuseLine(line, 'recipientTwice', 'recipient');
    else {
      seen.add(party.id);
      addressed.push({ id: newId<CorrespondenceId>(), party, line, own });
    }
  }
  const reach = addressed.length > 0 ? await ctx.db.transaction((tx) => reachOfMany(tx, letter, addressed)) : [];
  const staged: StagedRecipient[] = [];
  addressed.forEach(({ id, party, line, own }, i) => {
    const found: MassReach = reach[i]!;
    if ('refused' in found) refuseLine(line, errorOf(found.refused), 'recipient');
    else staged.push({ line, partyId: party.id, messageId: id, own, openability: found.openability });
  });
  return { staged, refused };
}

const errors: Readonly<Record<MassRefusal, LineError>> = { reserved: 'reserved', 'cannot-open': 'cannotOpen', nameless: 'nameless' };

export function errorOf(refused: MassRefusal): LineError {
  return errors[refused];
}

function withoutTwice({ staged, refused }: JudgedLines, twice: ReadonlySet<PartyId>): JudgedLines {
  const again = staged.filter(({ partyId }) => twice.has(partyId));
  return {
    staged: staged.filter(({ partyId }) => !twice.has(partyId)),
    refused: [...refused, ...again.map(({ line }) => ({ line, code: lineErrors.recipientTwice.code, field: 'recipient' }))],
  };
}

function keepLines(ctx: MailingContext, mailing: string, letter: MassLetter, judged: JudgedLines): Promise<Staged> {
  return ctx.copying.transaction(async (tx) => {
    const now = ctx.now();
    const locked = (await lockMailing(tx, mailing))!;
    if (locked.state !== 'Open') throw refuse(e.mailingClosed, { state: locked.state });
    const isNew = ({ line }: { readonly line: number }): boolean => line > locked.received;
    const staged = judged.staged.filter(isNew);
    const refused = judged.refused.filter(isNew);
    const count = staged.length + refused.length;
    if (count === 0) return { next: locked.received + 1, staged: 0, refused: 0 };
    const first = Math.min(staged[0]?.line ?? Number.POSITIVE_INFINITY, ...refused.map(({ line }) => line));
    if (first > locked.received + 1) throw refuse(e.linesMissing, { next: locked.received + 1 });

    await copyRecipients(tx, mailing, staged);
    saveRefusals(tx, mailing, refused);
    saveChunk(tx, {
      mailingId: mailing,
      firstLine: first,
      lastLine: first + count - 1,
      staged: staged.length,
      refused: refused.length,
      classes: classesOf(staged),
      policies: policiesOf(letter),
      checkedAt: now,
      sentAt: staged.length > 0 ? null : now,
    });
    saveReceived(tx, mailing, first + count - 1);
    return { next: first + count, staged: staged.length, refused: refused.length };
  });
}

export function classesOf(rows: readonly Pick<StagedRecipient, 'openability'>[]): ClassCounts {
  const counts = { UNREACHABLE: 0, GRANTABLE: 0, COLD: 0, REACHABLE: 0, PROVEN: 0 };
  for (const { openability } of rows) counts[openability.class] += 1;
  return counts;
}

export function policiesOf({ policies }: MassLetter): Policies {
  return Object.fromEntries(policies);
}
