import type { Resource } from '#access/index.ts';
import { type DialogPart, dialogIdOf, type TransmissionCount } from '#correspondence/index.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';
import { isContentSeen, processOf, statusOf } from '../choose-dialogs.ts';
import { labelsOf } from '../decide-labels.ts';
import { firstRevision } from '../derived-ids.ts';
import type { DialogFacts } from '../store/dialog.ts';
import type { SeenRow } from '../store/seen.ts';
import type { Seen } from '../wire/parts.ts';
import { type Parties, seenBy } from './actors.ts';
import { plain } from './texts.ts';

/** What a dialog and its line in a list are made of. */
export interface Gathered {
  readonly facts: DialogFacts;
  readonly part: DialogPart;
  readonly resource: Resource | undefined;
  readonly owner: Party;
  readonly recipient: Party;
  /** Those who looked since the content changed, the latest first. */
  readonly seen: readonly SeenRow[];
  readonly transmissions: TransmissionCount;
  readonly parties: Parties;
  /** Who asks. */
  readonly current: PartyId | null;
}

/** Pure. What both tell. */
export function headOf({ facts, part, resource, owner, recipient, seen, transmissions, parties, current }: Gathered) {
  const show = (row: SeenRow): Seen => seenBy(row, parties, current);
  return {
    id: dialogIdOf(facts.id),
    org: owner.orgCode ?? owner.number ?? '',
    serviceResource: `urn:altinn:resource:${facts.resourceId}`,
    serviceResourceType: resource?.type ?? 'CorrespondenceService',
    party: partyUrn(recipient),
    progress: null,
    process: processOf(facts),
    precedingProcess: null,
    extendedStatus: null,
    externalReference: facts.sendersReference,
    createdAt: facts.createdAt.toISOString(),
    updatedAt: facts.updatedAt.toISOString(),
    contentUpdatedAt: facts.contentAt.toISOString(),
    dueAt: facts.dueAt?.toISOString() ?? null,
    status: statusOf(facts),
    hasUnopenedContent: part.message.openedAt === null || transmissions.unopened > 0,
    isContentSeen: isContentSeen(facts),
    systemLabel: facts.folder,
    isApiOnly: false,
    fromServiceOwnerTransmissionsCount: transmissions.all,
    fromPartyTransmissionsCount: 0,
    seenSinceLastUpdate: seen.filter(({ at }) => at >= facts.updatedAt).map(show),
    seenSinceLastContentUpdate: seen.map(show),
    endUserContext: { revision: facts.revision ?? firstRevision(facts.id), systemLabels: labelsOf(facts) },
  };
}

/** Pure. The letter's words, all but its body. */
export function headingOf({ title, summary, messageSender, language }: DialogPart) {
  return {
    title: plain(language, title),
    summary: summary === null ? null : plain(language, summary),
    senderName: messageSender === null ? null : plain(language, messageSender),
    extendedStatus: null,
  };
}
