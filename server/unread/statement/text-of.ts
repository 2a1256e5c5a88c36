import type { Statement } from './compose-statement.ts';

const outcomes: Readonly<Record<string, string>> = {
  opened: 'åpnet',
  confirmed: 'bekreftet',
  'handed-over': 'hentet av mottakers system',
  'read-elsewhere': 'lest et annet sted',
  relayed: 'sendt videre på papir',
  recalled: 'trukket tilbake',
  'deleted-by-recipient': 'slettet av mottaker',
  failed: 'kunne ikke leveres',
  'accepted-unread': 'avsender har tatt stilling: blir ikke lest',
};

const causes: Readonly<Record<string, string>> = {
  'not-published': 'ikke klar ennå',
  'receiver-gone': 'mottakeren finnes ikke lenger',
  'no-opener': 'ingen kan åpne',
  'grant-needed': 'noen må gi tilgang',
  'attachment-locked': 'ingen kan åpne vedlegget',
  'opened-not-confirmed': 'åpnet, ikke bekreftet',
  'file-not-fetched': 'filen er ikke hentet',
  'no-contact-point': 'mangler varslingsadresse',
  'notification-failed': 'varselet kom ikke fram',
  'not-notified': 'ikke varslet',
  waiting: 'varsles senere',
  unknown: 'vi kan ikke vite hvorfor',
  'notified-not-opened': 'varslet, ikke åpnet',
  'younger-than-a-day': 'yngre enn et døgn',
};

/** Pure. The statement for people. */
export function textOf(s: Statement, sha256: string, broken: readonly string[]): string {
  const lines = (counts: Readonly<Record<string, number>>, words: Readonly<Record<string, string>>) =>
    Object.entries(counts)
      .filter(([, n]) => n > 0)
      .map(([key, n]) => `    ${String(n).padStart(8)}  ${words[key] ?? key}`);
  return [
    `Oppgjør for ${s.day} (${s.from} til ${s.to}, norsk døgn)`,
    `  Åpne ved døgnets start ${s.stock.openBefore}, tatt imot ${s.stock.accepted}, avsluttet ${s.stock.closed}, åpne ved døgnets slutt ${s.stock.openAfter}`,
    '  Avsluttet:',
    ...lines(s.closedBy, outcomes),
    '  Ikke åpnet, og hvorfor:',
    ...lines(s.openBy, causes),
    broken.length === 0 ? '  Delene går opp i helheten.' : `  Går ikke opp: ${broken.join('; ')}`,
    `  SHA-256 ${sha256}`,
    '',
  ].join('\n');
}
