import { predecessorsOf } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { unreadErrors as e } from '../errors.ts';
import { ownSender } from '../own-post.ts';
import { kindsOf } from '../policies.ts';
import { listStatements, type StoredStatement } from '../store/statement.ts';
import type { Statement } from './compose-statement.ts';
import { kindsToldOf } from './kinds-told-of.ts';
import { textOf } from './text-of.ts';
import type { PeriodQuery, Statements } from './wire.ts';

const mostDays = 366;

/**
 * The daily statements of a sender, as they were made: whole to a token that may send all kinds of post that one tells of, else what it
 * says of those that the token may send. Refuses sendersOnly, periodNotValid, notInItsPlace.
 */
export async function showStatements(ctx: Context, caller: Caller, period: PeriodQuery): Promise<Statements> {
  const rows = await statementsOf(ctx, caller, period);
  const kinds = kindsOf(caller);
  return {
    statements: rows.map(({ sender: _sender, madeAt, broken, canonical, ...row }) => {
      const statement = JSON.parse(canonical) as Statement;
      return {
        ...row,
        madeAt: madeAt.toISOString(),
        holds: broken.length === 0,
        broken: [...broken],
        canonical: kindsToldOf(statement).every((kind) => kinds.includes(kind)) ? canonical : null,
        messages: kinds.includes('message') ? statement.messages : null,
        files: kinds.includes('file') ? statement.files : null,
      };
    }),
  };
}

/** The same for people, in the language of the caller's organization. Refuses sendersOnly, periodNotValid, notInItsPlace. */
export async function writeStatements(ctx: Context, caller: Caller, period: PeriodQuery): Promise<string> {
  const [rows, kinds] = [await statementsOf(ctx, caller, period), kindsOf(caller)];
  const language = (caller.party === null ? undefined : await findParty(ctx.db, caller.party))?.language ?? 'nb';
  return rows
    .map(({ canonical, sha256, broken }) => textOf(JSON.parse(canonical) as Statement, sha256, { broken, kinds, language }))
    .join('\n');
}

async function statementsOf(ctx: Context, caller: Caller, period: PeriodQuery): Promise<StoredStatement[]> {
  const sender = await senderOf(ctx.db, caller, period);
  return listStatements(ctx.db, sender, period.from, period.to, mostDays);
}

/**
 * Whose post is asked about, in a period: the caller's own, or that of an organization that is gone and whose place it has taken.
 * Refuses sendersOnly, periodNotValid, notInItsPlace.
 */
export async function senderOf(reader: Reader, caller: Caller, period: PeriodQuery): Promise<PartyId> {
  const own = ownSender(caller);
  if (!own) throw refuse(e.sendersOnly);
  checkPeriod(period);
  const { sender: number } = period;
  if (number === undefined || (await findParty(reader, own))?.number === number) return own;
  const gone = (await predecessorsOf(reader, [caller]))[0]!.find((each) => each.number === number);
  if (!gone) throw refuse(e.notInItsPlace);
  return gone.id;
}

function checkPeriod({ from, to }: PeriodQuery): void {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const isDay = (text: string, at: number) => !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
  const isOurTime = first >= Date.parse('2000-01-01') && last < Date.parse('3000-01-01');
  const fits = isDay(from, first) && isDay(to, last) && isOurTime && last >= first && last - first < mostDays * 86_400_000;
  if (!fits) throw refuse(e.periodNotValid, { days: mostDays });
}
