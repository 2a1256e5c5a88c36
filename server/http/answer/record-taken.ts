import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Served } from '../serve.ts';
import { countAsAsked, whenTaken } from './when-taken.ts';

const patienceMillis = 3000;
/** Of all servers of this process. */
const unrecorded = new Set<Promise<void>>();

/** Tells whoever asks for it what becomes of an answer. A stop of the server waits for that. */
export function recordTaken(
  response: ServerResponse,
  { body, onTaken }: Pick<Served, 'body'> & { readonly onTaken: NonNullable<Served['onTaken']> },
  stopping: AbortSignal,
): Promise<void> {
  const work = whenTaken(response, body, stopping).then(onTaken);
  unrecorded.add(work);
  const forget = (): boolean => unrecorded.delete(work);
  work.then(forget, forget);
  return work;
}

/**
 * For tests, which look at what an answer leaves: answers of this process of which it is not recorded yet what became of them. Their clients
 * count from now on as if they had asked for something more, so that nobody waits a second to see whether they break off.
 */
export function hurryRecords(): readonly Promise<void>[] {
  countAsAsked();
  return [...unrecorded];
}

/** For a clock that is about to jump: what this process has given was given before. Of what is not taken by then it is known later. */
export async function untilRecorded(): Promise<void> {
  await Promise.race([Promise.allSettled(hurryRecords()), sleep(patienceMillis, undefined, { ref: false })]);
}
