import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { findResources } from '../store/resources.ts';
import { mayEach } from './may.ts';

/** Something that was given, done or asked at a party on a service, or on one message there. */
export interface OnService {
  readonly resource: ResourceId;
  readonly party: PartyId;
  readonly instance: string | null;
  /** The message is confidential, whatever its service. */
  readonly isConfidential?: boolean;
}

/**
 * Which of these do not name their service to the caller. The one rule, for every answer of ours that says of a service what has come on
 * it, who was let in to it or who could open it: a confidential service is named to those only who may read on it at the party, or that
 * one message. Its name can say what the letter is about, and so can whatever differs between it and the next one. What stands in the
 * resource registry (which services there are, and whom they ask for) is no secret, and no answer of the original's is changed by this.
 * Coverage asks the same of what it has found out anyway (`isToldTo` there). Two questions for any number.
 */
export async function listUnnamed<T extends OnService>(reader: Reader, caller: Caller, some: readonly T[]): Promise<ReadonlySet<T>> {
  const resources = await findResources(reader, [...new Set(some.map(({ resource }) => resource))]);
  const doubtful = some.filter(({ resource, isConfidential }) => isConfidential || resources.get(resource)?.confidential);
  const rights = await mayEach(
    reader,
    doubtful.map(({ resource, party, instance }) => ({
      caller,
      question: { action: 'read', resource, party, ...(instance === null ? {} : { instance }) },
    })),
  );
  return new Set(doubtful.filter((_, i) => rights[i]!.by !== 'right'));
}
