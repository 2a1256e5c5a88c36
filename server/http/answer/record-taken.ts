import type { ServerResponse } from 'node:http';
import type { Served } from '../serve.ts';
import { countAsAsked, whenTaken } from './when-taken.ts';

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
 * For tests, which look at what a download leaves: answers of this process of which it is not recorded yet what became of them. Their clients
 * count from now on as if they had asked for something more, so that nobody waits a second to see whether they break off.
 */
export function hurryRecords(): readonly Promise<void>[] {
  countAsAsked();
  return [...unrecorded];
}
