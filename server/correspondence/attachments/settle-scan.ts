import type { Blobs } from '#blobs/index.ts';
import { publishEvents } from '#events/index.ts';
import { budstikkeItself, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { findParty } from '#register/index.ts';
import { type Scanner, type SettledScan, scanStored } from '#scanning/index.ts';
import { attachmentEvent } from '../events.ts';
import { partOf } from '../send/content-hash.ts';
import { completeMessages, failMessages } from '../send/publish-messages.ts';
import { type AttachmentState, attachmentTexts, movedAttachment } from '../states.ts';
import {
  type Attachment,
  findAttachment,
  listCompleteSubmissions,
  lockAttachment,
  saveAttachmentMoves,
  saveAttachmentStatuses,
} from '../store/attachment.ts';
import { lockUnpublishedOf } from '../store/message.ts';
import { lockSubmissionsWith } from '../store/submission.ts';
import { takeBackMalware } from './take-back-malware.ts';

/** What a scanner says of an attachment. */
export interface Verdict {
  readonly id: AttachmentId;
  readonly result: SettledScan;
  readonly scanner: string;
}

const scannable: ReadonlySet<AttachmentState> = new Set(['UploadProcessing', 'Published']);

/**
 * Scans an attachment whose bytes are here, and draws the consequences; also one that a scanner outside has called clean meanwhile. Safe to
 * run twice. Throws when the scanner cannot tell, and then nothing is published; at the last attempt a
 * file of which it says so has failed. One that no scanner was there for waits.
 */
export async function scanAndSettle(
  ctx: Context & { readonly blobs: Blobs; readonly scanner: Scanner },
  id: AttachmentId,
  attempt: { readonly isLast?: boolean } = {},
): Promise<void> {
  const attachment = await findAttachment(ctx.db, id);
  if (!attachment || !scannable.has(attachment.state) || attachment.blobKey === null) return;
  const isAwaited = attachment.state === 'UploadProcessing';
  const result = await scanStored(ctx, { about: id, blobKey: attachment.blobKey }, isAwaited ? attempt : {});
  await ctx.db.transaction((tx) => settleScan(ctx, tx, { id, result, scanner: ctx.scanner.name }));
}

/**
 * Clean: the attachment is published, and so is every message that waited for this one alone. Malicious, or never to
 * be known: it fails, and with it every message that carries it; what has a password is told as such. The submissions are locked first and
 * read again afterwards, so that of two last attachments that are settled at once the second sees the first. Nothing happens to one that
 * has been settled, or whose bytes are not here; but malware is taken back whoever has called it clean.
 */
export async function settleScan(ctx: Context, tx: Tx, { id, result, scanner }: Verdict): Promise<void> {
  const submissions = await lockSubmissionsWith(tx, id);
  const attachment = await lockAttachment(tx, id);
  if (!attachment || attachment.blobKey === null) return;
  if (attachment.state !== 'UploadProcessing') {
    if (isMalware(result)) await takeBackMalware(ctx, tx, { attachment, malware: result.malware, scanner });
    return;
  }
  const owner = (await findParty(tx, attachment.ownerId))!;
  const at = ctx.now();
  const clean = result === 'clean';
  const text = clean ? attachmentTexts.published : textOf(result);
  const state = movedAttachment(attachment.state, clean ? 'publish' : 'fail');

  recordEvidence(tx, evidenceOf(attachment, result, scanner, at));
  saveAttachmentMoves(tx, [{ id, state }]);
  saveAttachmentStatuses(tx, [{ attachmentId: id, status: state, text, at, party: null }]);
  publishEvents(tx, [attachmentEvent(clean ? 'attachmentpublished' : 'attachmentuploadfailed', attachment, owner, at)]);

  if (clean) {
    const complete = await listCompleteSubmissions(tx, submissions);
    const waiting = await lockUnpublishedOf(tx, complete);
    await completeMessages(
      tx,
      waiting.filter((message) => message.state === 'Initialized'),
      at,
    );
    return;
  }
  const carriers = await lockUnpublishedOf(tx, submissions);
  await failMessages(
    tx,
    carriers.map((message) => ({ message, text, reason: reasonOf(result) })),
    at,
  );
}

type NotClean = Exclude<SettledScan, 'clean'>;

function isMalware(result: SettledScan): result is Exclude<NotClean, { readonly unknown: string }> {
  return result !== 'clean' && 'malware' in result && !result.isEncrypted;
}

function verdictOf(result: NotClean): 'malware' | 'encrypted' | 'unknown' {
  if ('unknown' in result) return 'unknown';
  return result.isEncrypted ? 'encrypted' : 'malware';
}

const reasons = { malware: 'malware', encrypted: 'format', unknown: 'scanner-unavailable' } as const;
const reasonOf = (result: NotClean) => reasons[verdictOf(result)];

function textOf(result: NotClean): string {
  if ('malware' in result && result.isEncrypted) return attachmentTexts.encrypted;
  return attachmentTexts.malware.replace('{reason}', 'malware' in result ? result.malware : result.unknown);
}

function evidenceOf(attachment: Attachment, result: SettledScan, scanner: string, at: Date): EvidenceRow[] {
  const about = { about: attachment.id, at, who: budstikkeItself };
  if (result === 'clean') {
    return [{ ...about, event: 'Scanned', proves: 'recorded', core: { scanner, result: 'clean' }, what: partOf(attachment) }];
  }
  const what = { ...partOf(attachment), ...result };
  return [
    { ...about, event: 'Scanned', proves: 'recorded', core: { scanner, result: verdictOf(result) }, what },
    { ...about, event: 'SubmissionRejection', proves: 'failed', core: { reason: reasonUri(reasonOf(result)) }, what },
  ];
}
