import type { Scope, TokenRule } from '#kernel/route.ts';

/** Which tokens open which routes. Source: compatibility.md, correspondence, §1.2. */
const writes = 'altinn:correspondence.write';
const reads = 'altinn:correspondence.read';
const forwardingCheck = 'altinn:correspondence.forward.check';

/** What a token of a sender carries, however it came to it. */
export const senderScopes: readonly string[] = ['altinn:serviceowner', writes];

const senders: readonly TokenRule[] = [
  { issuer: 'altinn', all: [writes] },
  { issuer: 'maskinporten', all: senderScopes },
];

/** Dialog tokens carry no scopes; their right is the dialog's. System users may come with a Maskinporten token as it is. */
const recipients: readonly TokenRule[] = [
  { issuer: 'altinn', all: [reads] },
  { issuer: 'maskinporten', all: [reads], isException: true },
  { issuer: 'dialog', all: [] },
];

export const policies = {
  sender: senders,
  recipient: recipients,
  senderOrRecipient: [...senders, ...recipients],
  download: [
    { issuer: 'altinn', all: [reads] },
    { issuer: 'altinn', all: ['altinn:portal/enduser'] },
    { issuer: 'dialog', all: [] },
    { issuer: 'idporten', all: [] },
  ],
  notificationCheck: [{ issuer: 'maskinporten', all: ['altinn:system/notifications.condition.check'] }],
  /** For an inbox system; dialog tokens carry no scopes and never pass. */
  forwardCheck: [
    { issuer: 'altinn', all: [forwardingCheck] },
    { issuer: 'dialog', all: [forwardingCheck] },
    { issuer: 'idporten', all: [forwardingCheck] },
  ],
} as const satisfies Readonly<Record<string, Scope>>;
