import { publishAlikeEvents } from '#events/index.ts';
import { actorOf, type EvidenceKind, recordAlikeEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { partyUrn } from '#register/index.ts';
import { beginAlikeWatches } from '#watch/index.ts';
import { correspondenceEvent } from '../events.ts';
import { saveAlikeMessages, saveAlikeStatuses } from '../store/mass.ts';
import type { OwnWords } from '../store/message.ts';
import { consignmentKind } from './announce.ts';
import { contentSha256, letterTo, whatOf } from './content-hash.ts';
import type { MassLetter } from './mass-letter.ts';
import type { MassAddressee, MassOpenability } from './mass-reach.ts';
import { filledLetter } from './own-words.ts';
import { planSubmission, type Submission } from './plan-submission.ts';
import { titleCased } from './text-rules.ts';
import { writeSubmissions } from './write-submissions.ts';

/** One message of many. */
export interface MassMessage extends MassAddressee {
  readonly openability: MassOpenability;
  readonly own: OwnWords | null;
}

/** What is known of messages after they were written. */
export interface WrittenMass {
  readonly submission: string;
  /** When they are published, where that is later than now. */
  readonly publishAt: Date | null;
}

/**
 * Everything that many messages of one letter leave behind, as if a request of initialize had named all of their recipients: the
 * same rows, with what they share sent once for all of them. Nobody in it is reserved, and no attachment is new. Joined writing.
 */
export function writeMass(tx: Tx, letter: MassLetter, submissionId: string, messages: readonly MassMessage[], now: Date): WrittenMass {
  const submission = planSubmission(
    { ...letter.facts, now },
    { resource: letter.resource, addressed: [], ids: { submission: submissionId, messages: [], attachments: [] } },
  );
  const { row, resource } = submission;
  const isPublished = row.requestedPublishAt <= now;
  const ids = messages.map(({ id }) => id);
  const parties = messages.map(({ party }) => party.id);
  const names = letter.isPersonal ? messages.map(({ party }) => titleCased(party.name)) : null;

  writeSubmissions(tx, [submission]);
  beginAlikeWatches(
    tx,
    {
      sender: row.ownerId,
      resource: resource.id,
      confidential: row.isConfidential,
      confirmNeeded: row.isConfirmationNeeded,
      dueAt: row.dueAt,
      ladder: resource.ladder,
      at: now,
      expectedPublishAt: row.requestedPublishAt,
      ...(isPublished ? { publishedAt: now } : {}),
      senderSteps: senderStepsOf(submission),
      need: { resource: resource.id, action: 'read', policyVersion: letter.policies.get(resource.id)! },
      sharedNeeds: sharedNeedsOf(letter),
    },
    messages.map(({ id, party, openability: { grantors, ...openability } }) => ({
      about: id,
      party: party.id,
      ...openability,
      grantors: openability.class === 'UNREACHABLE' ? 0 : grantors,
    })),
  );
  recordMassEvidence(tx, letter, submission, messages, { ids, parties, names, isPublished });
  saveAlikeMessages(
    tx,
    row,
    { state: isPublished ? 'Published' : 'ReadyForPublish', publishedAt: isPublished ? now : null },
    {
      ids,
      recipients: parties,
      personalNames: names,
      own: messages.some(({ own }) => own) ? messages.map(({ own }) => own) : null,
    },
  );
  saveAlikeStatuses(tx, ids, { status: 'ReadyForPublish', at: now, party: row.createdBy });
  if (isPublished) saveAlikeStatuses(tx, ids, { status: 'Published', at: now, party: null });
  publishMassEvents(tx, submission, messages, { ids, isPublished });
  return { submission: submissionId, publishAt: isPublished ? null : row.requestedPublishAt };
}

function senderStepsOf({ mainOrder, reminderOrder }: Submission) {
  const notify = mainOrder ? [{ name: 'notify' as const, orderId: mainOrder.id, channel: mainOrder.channel }] : [];
  const remind = reminderOrder ? [{ name: 'remind' as const, orderId: reminderOrder.id, channel: reminderOrder.channel }] : [];
  return [...notify, ...remind];
}

function sharedNeedsOf({ existing, resource, policies }: MassLetter) {
  return existing
    .filter(({ resourceId }) => resourceId !== resource.id)
    .map(({ id, resourceId }) => ({ resource: resourceId, action: 'read', instance: id, policyVersion: policies.get(resourceId) ?? 0 }));
}

interface Columns {
  readonly ids: readonly CorrespondenceId[];
  readonly parties: readonly string[];
  readonly names: readonly string[] | null;
  readonly isPublished: boolean;
}

/** That each was accepted, and, where it is published, that it can be opened or why not. Messages that read alike share their texts. */
function recordMassEvidence(
  tx: Tx,
  letter: MassLetter,
  { row, caller, path, attachments }: Submission,
  messages: readonly MassMessage[],
  columns: Columns,
): void {
  const { ids, parties, names, isPublished } = columns;
  const files = attachments.map(({ attachment }) => attachment);
  const contents = messages.map(({ own }, i) =>
    names || own?.fields ? contentSha256(letterTo(filledLetter(letter.request, own?.fields), names?.[i] ?? null)) : row.contentSha256,
  );
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

function publishMassEvents(
  tx: Tx,
  { row, resource, owner }: Submission,
  messages: readonly MassMessage[],
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
