import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { deciderOf, settleByDecisions, type WatchItem } from '#watch/index.ts';
import type { BrokerContext } from '../context.ts';
import { announceTransfer } from '../send/initialize-transfer.ts';
import { publishTransfers } from '../send/publish-transfer.ts';
import { movedTransfer, transferTexts } from '../states.ts';
import { isKept } from '../store/expiry.ts';
import { listRecipients } from '../store/recipient.ts';
import { saveMoves, type Transfer } from '../store/transfer.ts';
import { saveBytes, saveUploadsBegun } from '../store/upload.ts';
import { whatOf } from '../what.ts';
import { asOrganizationId } from '../wire.ts';
import type { Acceptance, HeldTransfer } from './decide-transfer.ts';
import { decideErrors as e } from './errors.ts';
import { takeBack } from './recall-transfer.ts';

/**
 * The bytes of a transfer that the transaction holds, announced and published once more, to one organization: by the rules of today, for
 * as long as its resource says now. They are the same bytes, stored once, and stay as long as either has them.
 *
 * Refuses bytesGone, and what an announcement does.
 */
export async function copyTransfer(
  ctx: Context & Pick<BrokerContext, 'approvalNeeded'>,
  tx: Tx,
  caller: Caller,
  { held: { transfer: old, acting }, to }: { readonly held: HeldTransfer; readonly to: string },
): Promise<FileTransferId> {
  if (!(await hasBytes(tx, old))) throw refuse(e.bytesGone, { state: old.state });
  const at = ctx.now();
  const announced = await announceTransfer(
    ctx,
    tx,
    caller,
    {
      fileName: old.fileName,
      resourceId: old.resourceId,
      sendersFileTransferReference: old.sendersReference,
      sender: old.senderGiven,
      recipients: [asOrganizationId(to)],
      propertyList: { ...old.propertyList },
      checksum: old.declaredMd5,
      checksumSha256: old.declaredSha256,
      disableVirusScan: !old.useVirusScan,
    },
    acting,
  );
  const bytes = { blobKey: old.blobKey, sizeBytes: old.sizeBytes, md5: old.md5, sha256: old.sha256 };
  const whole: Transfer = { ...announced, ...bytes, state: movedTransfer(announced.state, 'startUpload') };
  saveUploadsBegun(tx, [{ id: whole.id, uploadId: newId(), at }]);
  saveMoves(tx, [{ id: whole.id, state: whole.state, text: transferTexts[whole.state], at }]);
  const blob = { key: old.blobKey!, sizeBytes: old.sizeBytes!, md5: old.md5!, sha256: old.sha256! };
  saveBytes(tx, [{ id: whole.id, declaredSha256: whole.declaredSha256, blob }]);
  const who = actorOf(caller, acting.right.path);
  recordEvidence(tx, [
    { event: 'BytesReceived', about: whole.id, at, proves: 'recorded', core: { with: old.id }, who, what: whatOf(whole) },
  ]);
  await publishTransfers(tx, [{ transfer: whole, at }]);
  return whole.id;
}

async function hasBytes(tx: Tx, { id, state, publishedAt, blobKey }: Transfer): Promise<boolean> {
  if (publishedAt === null || blobKey === null) return false;
  return state === 'Published' || (state === 'Purged' && (await isKept(tx, id)));
}

/**
 * What becomes of the old transfer for the recipient in whose place it was sent anew: taken back, when it was the last that could still
 * fetch it; else it lies there unread, since it cannot be taken from one alone, or nobody can fetch it any more.
 */
export async function letGoTransfer(
  tx: Tx,
  caller: Caller,
  { transfer, party, acting }: HeldTransfer,
  { watch, name, reason, at }: Acceptance & { readonly watch: WatchItem; readonly at: Date },
): Promise<void> {
  const recipients = await listRecipients(tx, [transfer.id]);
  const isLast = recipients.every(({ partyId, status }) => partyId === party || status === 'DownloadConfirmed');
  if (isLast && transfer.state === 'Published') {
    await takeBack(tx, { transfer, recipients, recall: { id: transfer.id, name, reason }, caller, acting, at });
    return;
  }
  const by = deciderOf(caller, acting.party);
  const actor = actorOf(caller, acting.right.path);
  await settleByDecisions(tx, [{ decision: 'accept-as-unread', name, reason, watch, by, actor }], at);
}
