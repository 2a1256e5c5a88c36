import type { Scope, TokenRule } from '#kernel/route.ts';

/** Which tokens open which routes; plain Maskinporten tokens pass as exchanged ones do. Source: compatibility.md, broker, §1.1, §9.1. */
const writes = 'altinn:broker.write';
const reads = 'altinn:broker.read';

const either = (...all: readonly string[]): readonly TokenRule[] => [
  { issuer: 'altinn', all },
  { issuer: 'maskinporten', all },
];

export const policies = {
  sender: either(writes),
  recipient: either(reads),
  senderOrRecipient: [...either(writes), ...either(reads)],
  serviceOwner: either('altinn:serviceowner'),
} as const satisfies Readonly<Record<string, Scope>>;

/** How often one client may call an operation, where the installation limits it. Source: compatibility.md, broker, §1.6. */
export const callsPerMinute = { usual: 120, details: 15, list: 10 } as const;
