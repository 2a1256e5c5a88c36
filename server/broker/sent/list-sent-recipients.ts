import type { Caller, Context } from '#kernel/context.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { next } from '#kernel/machine.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { actingForSender } from '../acting-for.ts';
import { custodyOf } from '../custody/show-custody.ts';
import { decideErrors as e } from '../decide/errors.ts';
import { transferMoves } from '../states.ts';
import { isKept } from '../store/expiry.ts';
import { listWatchedRecipients, type RecipientRow } from '../store/sent.ts';
import { findTransfer } from '../store/transfer.ts';
import type { FileDecisionName, SentRecipient, SentRecipients, SentRecipientsQuery } from './wire.ts';

const page = 100;

/**
 * Where a file stands with each of its recipients, for its sender: fetched, confirmed, what it holds, who can fetch it, why it has not,
 * what is next, and what the sender may decide. Everybody else is told the same as of a file that does not exist. Refuses notYours.
 */
export async function listSentRecipients(
  { db }: Context,
  caller: Caller,
  { id, after }: SentRecipientsQuery & { readonly id: FileTransferId },
): Promise<SentRecipients> {
  const transfer = await findTransfer(db, id);
  const acting = transfer && (await actingForSender(db, caller, transfer));
  if (!acting) throw refuse(e.notYours, { id });
  const found = await listWatchedRecipients(db, { id, after: after ?? 0, limit: page + 1 });
  const shown = found.slice(0, page);
  const parties = await findParties(
    db,
    shown.map(({ partyId }) => partyId),
  );
  const hasBytes = transfer.state === 'Published' || (transfer.state === 'Purged' && (await isKept(db, id)));
  return {
    recipients: shown.map((row) => recipientOf(row, parties.get(row.partyId)!, { sha256: transfer.sha256, hasBytes })),
    canRecall: next(transferMoves, transfer.state, 'cancel') !== undefined,
    next: found.length > page ? shown.at(-1)!.ordinal : null,
  };
}

interface File {
  readonly sha256: string | null;
  readonly hasBytes: boolean;
}

function recipientOf(row: RecipientRow, { name, number }: Party, { sha256, hasBytes }: File): SentRecipient {
  const text = (at: Date | null) => at?.toISOString() ?? null;
  return {
    name,
    number: number ?? '',
    status: row.status,
    downloads: row.downloads,
    fetchedAt: text(row.fetchedAt),
    confirmedAt: text(row.confirmedAt),
    custody: custodyOf(row, sha256),
    class: row.class,
    openers: row.openers,
    grantors: row.grantors,
    cause: row.cause,
    nextStepAt: text(row.nextStepAt),
    outcome: row.outcome,
    settledAt: text(row.settledAt),
    decisions: decisionsOn(row, hasBytes),
  };
}

/** Pure. As of what lies on the unread board; the same rules refuse what is not among it. */
export function decisionsOn({ settledAt, isLying }: Pick<RecipientRow, 'settledAt' | 'isLying'>, hasBytes: boolean): FileDecisionName[] {
  if (settledAt !== null || !isLying) return [];
  return [...(hasBytes ? (['resend'] as const) : []), 'read-elsewhere', 'accept-as-unread'];
}
