import type { Tx } from '#kernel/database.ts';
import type { OwnWords } from '../../store/message.ts';
import { contentSha256, letterTo } from '../content-hash.ts';
import { planSubmission } from '../plan-submission.ts';
import { titleCased } from '../rules/text-rules.ts';
import { writeSubmissions } from '../write-submissions.ts';
import type { MassLetter } from './mass-letter.ts';
import type { MassAddressee, MassOpenability } from './mass-reach.ts';
import { filledLetter } from './own-words.ts';
import { type AlikeNeeds, writeAlikeMessages } from './write-alike.ts';

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
  writeSubmissions(tx, [submission]);
  writeAlikeMessages(
    tx,
    submission,
    needsOfAll(letter),
    messages.map((message) => ({ ...message, ...wordsOf(letter, message, submission.row.contentSha256) })),
  );
  const { requestedPublishAt } = submission.row;
  return { submission: submissionId, publishAt: requestedPublishAt <= now ? null : requestedPublishAt };
}

function wordsOf({ request, isPersonal }: MassLetter, { party, own }: MassMessage, shared: string) {
  const personalName = isPersonal ? titleCased(party.name) : null;
  const differs = isPersonal || own?.fields;
  return { personalName, contentSha256: differs ? contentSha256(letterTo(filledLetter(request, own?.fields), personalName)) : shared };
}

function needsOfAll({ existing, resource, policies }: MassLetter): AlikeNeeds {
  return {
    need: { resource: resource.id, action: 'read', policyVersion: policies.get(resource.id)! },
    sharedNeeds: existing
      .filter(({ resourceId }) => resourceId !== resource.id)
      .map(({ id, resourceId }) => ({
        resource: resourceId,
        action: 'read',
        instance: id,
        what: 'attachment' as const,
        policyVersion: policies.get(resourceId) ?? 0,
      })),
  };
}
