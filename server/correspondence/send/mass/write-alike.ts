import { publishAlikeEvents } from '#events/index.ts';
import { actorOf, type EvidenceKind, recordAlikeEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { partyUrn } from '#register/index.ts';
import { type AlikeWatches, beginAlikeWatches } from '#watch/index.ts';
import { correspondenceEvent } from '../../events.ts';
import { saveAlikeMessages, saveAlikeStatuses } from '../../store/mass.ts';
import type { OwnWords } from '../../store/message.ts';
import { consignmentKind } from '../announce.ts';
import { whatOf } from '../content-hash.ts';
import type { ReadingNeed, Submission } from '../plan-submission.ts';
import { sentForAnother } from '../sent-for-another.ts';
import type { MassAddressee, MassOpenability } from './mass-reach.ts';

/** One message of many that a submission has, alike but for whom it is for and how it greets. */
export interface AlikeMessage extends MassAddressee {
  readonly openability: MassOpenability;
  /** The recipient's name as the letter greets it, where it does. */
  readonly personalName: string | null;
  /** Of the words as this recipient reads them. */
  readonly contentSha256: string;
  readonly own: OwnWords | null;
}

/** The rights that reading takes: of each one's own message first, then of attachments in resources of their own. */
export interface AlikeNeeds {
  readonly need: AlikeWatches['need'];
  readonly sharedNeeds: readonly ReadingNeed[];
}

/**
 * Everything that messages of one submission leave behind, with what they share sent once for all of them: the same rows as
 * `writeSubmissions` writes for each. Nobody in it is reserved, and no attachment is new. The submission is written by the caller.
 * Joined writing, a constant number of statements.
 */
export function writeAlikeMessages(tx: Tx, submission: Submission, needs: AlikeNeeds, messages: readonly AlikeMessage[]): void {
  const { row, resource } = submission;
  const isPublished = row.requestedPublishAt <= row.createdAt;
  const columns = { ids: messages.map(({ id }) => id), parties: messages.map(({ party }) => party.id), isPublished };

  beginAlikeWatches(
    tx,
    {
      sender: row.ownerId,
      sentBy: sentForAnother(submission.caller, row.ownerId),
      resource: resource.id,
      confidential: row.isConfidential,
      confirmNeeded: row.isConfirmationNeeded,
      dueAt: row.dueAt,
      ladder: resource.ladder,
      at: row.createdAt,
      expectedPublishAt: row.requestedPublishAt,
      ...(isPublished ? { publishedAt: row.createdAt } : {}),
      senderSteps: senderStepsOf(submission),
      ...needs,
    },
    messages.map(({ id, party, openability: { grantors, ...openability } }) => ({
      about: id,
      party: party.id,
      ...openability,
      grantors: openability.class === 'UNREACHABLE' ? 0 : grantors,
    })),
  );
  recordEvidenceOf(tx, submission, messages, columns);
  saveAlikeMessages(
    tx,
    row,
    { state: isPublished ? 'Published' : 'ReadyForPublish', publishedAt: isPublished ? row.createdAt : null },
    {
      ids: columns.ids,
      recipients: columns.parties,
      personalNames: messages.some(({ personalName }) => personalName !== null) ? messages.map(({ personalName }) => personalName) : null,
      own: messages.some(({ own }) => own) ? messages.map(({ own }) => own) : null,
    },
  );
  saveAlikeStatuses(tx, columns.ids, { status: 'ReadyForPublish', at: row.createdAt, party: row.createdBy });
  if (isPublished) saveAlikeStatuses(tx, columns.ids, { status: 'Published', at: row.createdAt, party: null });
  publishEventsOf(tx, submission, messages, columns);
}

function senderStepsOf({ mainOrder, reminderOrder }: Submission) {
  const notify = mainOrder ? [{ name: 'notify' as const, orderId: mainOrder.id, channel: mainOrder.channel }] : [];
  const remind = reminderOrder ? [{ name: 'remind' as const, orderId: reminderOrder.id, channel: reminderOrder.channel }] : [];
  return [...notify, ...remind];
}

interface Columns {
  readonly ids: readonly CorrespondenceId[];
  readonly parties: readonly string[];
  readonly isPublished: boolean;
}

/** That each was accepted, and, where it is published, that it can be opened or why not. Messages that read alike share their texts. */
function recordEvidenceOf(
  tx: Tx,
  { row, caller, path, attachments }: Submission,
  messages: readonly AlikeMessage[],
  { ids, parties, isPublished }: Columns,
): void {
  const files = attachments.map(({ attachment }) => attachment);
  const contents = messages.map(({ contentSha256 }) => contentSha256);
  const at = row.createdAt;
  const accepted = kindsOf(
    contents,
    (content): EvidenceKind => ({
      event: 'SubmissionAcceptance',
      at,
      proves: 'accepted',
      core: { resource: row.resourceId },
      who: actorOf(caller, path),
      what: whatOf(content, files),
    }),
  );
  recordAlikeEvidence(tx, accepted.kinds, { about: ids, recipients: parties, kind: accepted.kind });
  if (!isPublished) return;
  const reach = messages.map(({ openability: o }, i) => `${o.class} ${o.openers} ${o.grantors} ${contents[i]}`);
  const consigned = kindsOf(reach, (_, i) => consignmentKind(messages[i]!.openability, whatOf(contents[i]!, files), at));
  recordAlikeEvidence(tx, consigned.kinds, { about: ids, recipients: parties, kind: consigned.kind });
}

/** Numbers the kinds of things by what tells them apart. */
function kindsOf<K>(
  keys: readonly string[],
  make: (key: string, i: number) => K,
): { readonly kinds: readonly K[]; readonly kind: readonly number[] } {
  const known = new Map<string, number>();
  const kinds: K[] = [];
  const kind = keys.map((key, i) => {
    const place = known.get(key) ?? kinds.push(make(key, i)) - 1;
    known.set(key, place);
    return place;
  });
  return { kinds, kind };
}

function publishEventsOf(
  tx: Tx,
  { row, resource, owner }: Submission,
  messages: readonly AlikeMessage[],
  { ids, isPublished }: Pick<Columns, 'ids' | 'isPublished'>,
): void {
  const initialized = correspondenceEvent('correspondenceinitialized', { id: '', resourceId: resource.id }, owner, row.createdAt);
  publishAlikeEvents(tx, {
    ...initialized,
    instances: ids,
    subjects: ids.map(() => initialized.subject),
    alternativeSubjects: ids.map(() => initialized.alternativeSubject ?? null),
  });
  if (!isPublished) return;
  const published = messages.map(({ id, party }) =>
    correspondenceEvent('correspondencepublished', { id, resourceId: resource.id }, party, row.createdAt),
  );
  publishAlikeEvents(tx, {
    ...published[0]!,
    instances: ids,
    subjects: messages.map(({ party }) => partyUrn(party)),
    alternativeSubjects: published.map(({ alternativeSubject }) => alternativeSubject ?? null),
  });
}
