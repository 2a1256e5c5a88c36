import type { Installation } from '../api/operator.ts';

/** With less room than this, uploads are refused before long. */
const leastFreeBytes = 5_000_000_000;

/** What somebody must look at, in the order in which it hurts. */
export type Wrong =
  | { readonly what: 'rules'; readonly count: number }
  | { readonly what: 'ladder'; readonly count: number }
  | { readonly what: 'gateway'; readonly channel: 'email' | 'sms' }
  | { readonly what: 'queue'; readonly name: Installation['queues'][number]['name']; readonly seconds: number }
  | { readonly what: 'statements'; readonly count: number }
  | { readonly what: 'room'; readonly bytes: number };

/** Pure. */
export function whatIsWrong({ invariants, ladder, gateways, queues, statements, storage }: Installation): Wrong[] {
  const broken = invariants.filter(({ holds }) => !holds).length;
  return [
    ...(broken > 0 ? [{ what: 'rules', count: broken } as const] : []),
    ...(ladder.late > 0 && ladder.driftSeconds > 60 ? [{ what: 'ladder', count: ladder.late } as const] : []),
    ...gateways.filter(({ state }) => state === 'failing').map(({ channel }) => ({ what: 'gateway', channel }) as const),
    ...queues.filter(({ late }) => late).map(({ name, oldestSeconds }) => ({ what: 'queue', name, seconds: oldestSeconds }) as const),
    ...(statements.broken > 0 ? [{ what: 'statements', count: statements.broken } as const] : []),
    ...(storage.freeBytes !== null && storage.freeBytes < leastFreeBytes ? [{ what: 'room', bytes: storage.freeBytes } as const] : []),
  ];
}
