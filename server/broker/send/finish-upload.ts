import type { StoredBlob } from '#blobs/index.ts';
import { type Answer, busy, joinCallers } from '#db/index.ts';
import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import { type Acting, actingForEach } from '../acting-for.ts';
import { isAsDeclared } from '../custody/is-as-declared.ts';
import { brokerErrors as e } from '../errors.ts';
import { countRecipients } from '../store/recipient.ts';
import { lockTransfers, type Transfer } from '../store/transfer.ts';
import { listUploads } from '../store/upload.ts';
import type { Begun } from './begin-upload.ts';
import { type ArrivedHere, storeArrived } from './store-bytes.ts';

/** Bytes that are here for an upload that was begun. */
export interface Finishing {
  readonly ctx: Pick<Context, 'now'>;
  readonly caller: Caller;
  readonly begun: Begun;
  readonly blob: StoredBlob;
}

/** What the bytes are refused for after all, which may have made their transfer fail. */
export interface Finished {
  readonly finishing: Finishing;
  readonly refused: ErrorRow | undefined;
}

/** A transfer to more than so many goes by itself. */
const mostRecipients = 100;

/**
 * Binds bytes to their transfer, which is published or waits for its scan; the right to send it is asked again where that was some
 * seconds ago. Callers who come at the same time share a transaction.
 * Refuses noAccess; what else they are refused for is told.
 */
export const finishUpload = joinCallers<Finishing, Finished>({
  run: finishUploads,
  async findWritten(reader, finished) {
    const rows = await listUploads(
      reader,
      finished.map(({ finishing }) => finishing.begun.id),
    );
    const isWritten = ({ finishing: { begun, blob }, refused }: Finished) =>
      rows.some(
        (row) =>
          row.id === begun.id &&
          (refused === undefined ? row.blobKey === blob.key : row.state === 'Failed' && row.uploadId === begun.uploadId),
      );
    return new Set(finished.filter(isWritten));
  },
});

/** So lately asked, a right is not asked for again: most files are small, and it is the dearest question about them. */
const askedAgainMillis = 2000;

/** For whom each acts, by the right that it has now. */
async function sendersOf(
  tx: Tx,
  mine: readonly Finishing[],
  transfers: ReadonlyMap<FileTransferId, Transfer>,
): Promise<(Acting | undefined)[]> {
  const isOld = ({ begun: { askedAt } }: Finishing) => Date.now() - askedAt > askedAgainMillis;
  const asked = mine.filter(isOld);
  const anew = await actingForEach(
    tx,
    asked.map(({ caller, begun: { id } }) => {
      const transfer = transfers.get(id)!;
      return { caller, action: 'write' as const, parties: [transfer.senderId], on: transfer };
    }),
  );
  return mine.map((one) => {
    const at = asked.indexOf(one);
    return at < 0 ? one.begun.acting : anew[at];
  });
}

async function finishUploads(tx: Tx, asked: readonly Finishing[], waits: boolean): Promise<(Answer<Finished> | typeof busy)[]> {
  const ids = asked.map(({ begun }) => begun.id);
  const { transfers, isHeld } = await lockTransfers(tx, ids, { waits });
  const isMine = (i: number) => transfers.has(ids[i]!) && ids.indexOf(ids[i]!) === i;
  const mine = asked.filter((_, i) => isMine(i));
  const [acting, recipients] = await Promise.all([sendersOf(tx, mine, transfers), waits ? undefined : countRecipients(tx, ids)]);
  const done = new Map(mine.map((one) => [one, doneBefore(one, transfers.get(one.begun.id)!)]));
  const arrived = mine.flatMap((one, i): ArrivedHere[] => {
    const { ctx, caller, begun, blob } = one;
    const { id, uploadId, sha256, unclaimed } = begun;
    const right = acting[i]?.right;
    if (done.get(one) || !right || (recipients?.get(id) ?? 0) > mostRecipients) return [];
    const who = actorOf(caller, right.path);
    return [{ who, id, uploadId, unclaimedSince: unclaimed?.since, sha256, blob, told: true, transfer: transfers.get(id)!, at: ctx.now() }];
  });
  const refused = await storeArrived(tx, arrived);
  return asked.map((finishing, i): Answer<Finished> | typeof busy => {
    const before = done.get(finishing);
    if (before) return { value: before };
    if (!isMine(i)) return isHeld(ids[i]!) || transfers.has(ids[i]!) ? busy : { refusal: refuse(e.transferNotFound) };
    const at = arrived.findIndex(({ id }) => id === finishing.begun.id);
    if (at >= 0) return { value: { finishing, refused: refused[at] } };
    return acting[mine.indexOf(finishing)] ? busy : { refusal: refuse(e.noAccess, { id: finishing.begun.id }) };
  });
}

/** Pure. What a commit wrote that was lost, and that came to its end when nobody found it yet; undefined where nothing is written. */
function doneBefore(finishing: Finishing, transfer: Transfer): Finished | undefined {
  const { begun, blob } = finishing;
  if (transfer.blobKey === blob.key) return { finishing, refused: undefined };
  const hasFailed = transfer.state === 'Failed' && transfer.uploadId === begun.uploadId;
  const isAsSaid = isAsDeclared({ ...transfer, declaredSha256: transfer.declaredSha256 ?? begun.sha256 }, blob);
  return hasFailed && !isAsSaid ? { finishing, refused: e.checksumMismatch } : undefined;
}
