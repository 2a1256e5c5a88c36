import type { Scope, TokenRule } from '#kernel/route.ts';

/** Who may send, messages or files, may follow what becomes of it. */
export const senders: readonly TokenRule[] = [
  { issuer: 'altinn', all: ['altinn:correspondence.write'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner', 'altinn:correspondence.write'] },
  { issuer: 'altinn', all: ['altinn:broker.write'] },
  { issuer: 'maskinporten', all: ['altinn:broker.write'] },
] satisfies Scope;
