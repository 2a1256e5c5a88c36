import type { Caller } from '#kernel/context.ts';
import { passes, type TokenRule } from '#kernel/route.ts';

/** Who may send messages. */
export const messageSenders: readonly TokenRule[] = [
  { issuer: 'altinn', all: ['altinn:correspondence.write'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner', 'altinn:correspondence.write'] },
];
const fileSenders: readonly TokenRule[] = [
  { issuer: 'altinn', all: ['altinn:broker.write'] },
  { issuer: 'maskinporten', all: ['altinn:broker.write'] },
];

/** Who may send, messages or files, may follow what becomes of it. */
export const senders: readonly TokenRule[] = [...messageSenders, ...fileSenders];

export const postKinds = ['message', 'file'] as const;
export type PostKind = (typeof postKinds)[number];

/** Pure. Of which kinds of post a caller may follow and decide what becomes of it: those that its token may send. */
export function kindsOf(caller: Pick<Caller, 'issuer' | 'scopes'>): PostKind[] {
  const rules = { message: messageSenders, file: fileSenders };
  return postKinds.filter((kind) => rules[kind].some((rule) => passes(rule, caller)));
}
