import type { Resource } from '#access/index.ts';
import { type Answer, createJoiner, type JoinerLimits } from '#db/index.ts';
import type { Db, Tx } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { findStoredSubmissions, keyOf } from '../store/submission.ts';
import { textsOf } from './content-hash.ts';
import type { Facts } from './facts.ts';
import { type Asked, addressRecipients, gatherFacts, gatherReach } from './gather-facts.ts';
import { planSubmission, type Submission } from './plan-submission.ts';
import type { SendRequest } from './request.ts';
import { check, checksOfReach, checksOfRequest } from './rules/checks.ts';
import type { Sending } from './sending.ts';
import { writeSubmissions } from './write-submissions.ts';

/** Measured on two cores: larger batches gain nothing; a second writer lets others pass by requests with many recipients. */
export const sendingLimits: JoinerLimits = {
  writers: 2,
  loners: 4,
  patience: { rows: 256, millis: 100 },
  batch: { callers: 256, rows: 1000, bytes: 16 << 20 },
  waiting: { rows: 20_000, bytes: 64 << 20 },
};

/** One for each process; `limits` for benches and tests. */
export function createSending(db: Db, limits: JoinerLimits = sendingLimits): Sending {
  return createJoiner<Asked, Submission>(
    db,
    {
      weigh: ({ request }) => ({ rows: request.recipients.length, bytes: bytesOf(request) }),
      run: acceptRequests,
      async findWritten(reader, submissions) {
        const stored = await findStoredSubmissions(
          reader,
          submissions.map(({ row }) => row.id),
        );
        return new Set(submissions.filter(({ row }) => stored.has(row.id)));
      },
    },
    limits,
  );
}

const bytesOfRecipient = 1000;

/** About what a request holds in memory: its texts, at two bytes a character, wherever its sender has put them. */
function bytesOf(request: SendRequest): number {
  const { references, properties, replyOptions, recipients } = request;
  const texts = [
    ...textsOf(request),
    ...references.map(({ referenceValue }) => referenceValue),
    ...Object.entries(properties).flat(),
    ...replyOptions.flatMap(({ linkURL, linkText }) => [linkURL, linkText]),
  ];
  return texts.reduce((sum, text) => sum + 2 * (text?.length ?? 0), bytesOfRecipient * recipients.length);
}

/** A request on its way through the checks. */
interface Candidate {
  readonly asked: Asked;
  readonly facts: Facts;
  readonly resource: Resource;
}

/**
 * Decides these requests, each by itself, and writes those that are accepted. A refused one leaves nothing behind and harms no other.
 * Of equal keys the first that passes has it. In the order asked.
 */
export async function acceptRequests(tx: Tx, asked: readonly Asked[]): Promise<Answer<Submission>[]> {
  const answers = new Map<Asked, Answer<Submission>>();
  const passing = <C extends { readonly asked: Asked }, D>(candidates: readonly C[], step: (candidate: C, i: number) => D): D[] =>
    candidates.flatMap((candidate, i) => {
      try {
        return [step(candidate, i)];
      } catch (refusal) {
        answers.set(candidate.asked, { refusal });
        return [];
      }
    });

  const facts = await gatherFacts(tx, asked);
  const known = passing(
    asked.map((each, i) => ({ asked: each, facts: facts[i]! })),
    (candidate): Candidate => {
      check(checksOfRequest, candidate.facts);
      return { ...candidate, resource: candidate.facts.resource! };
    },
  );
  const addressed = await addressRecipients(tx, known);
  const reach = await gatherReach(tx, addressed);
  const usedKeys = new Set<string>();
  const submissions = passing(known, ({ asked: { ids }, facts: its, resource }, i) => {
    const all = { ...its, ...reach[i]! };
    check(checksOfReach, all);
    takeKey(usedKeys, its);
    return planSubmission(all, { resource, addressed: addressed[i]!.addressed, ids });
  });
  writeSubmissions(tx, submissions);
  const accepted = new Map(submissions.map((submission) => [submission.row.id, submission]));
  return asked.map((each) => answers.get(each) ?? { value: accepted.get(each.ids.submission)! });
}

function takeKey(used: Set<string>, { request, owner }: Facts): void {
  if (request.idempotentKey === null) return;
  const key = keyOf(owner!.id, request.idempotentKey);
  if (used.has(key)) throw refuse(e.duplicateIdempotentKey);
  used.add(key);
}
