import type { TimelineEntry } from './own-api.ts';
import type { Notch } from './table.ts';

type Core = TimelineEntry['core'];

/** What each step of the evidence is called in a sentence. The names are those of ETSI EN 319 522, and ours where it has none. */
const words: Readonly<Record<string, string | ((core: Core) => string)>> = {
  SubmissionOpened: 'announced',
  SubmissionAcceptance: 'taken in, whole',
  ContentConsignment: 'laid in the inbox',
  ConsignmentNotification: ({ purpose }) => (purpose === 'sealed' ? 'told that access is needed' : 'told by e-mail'),
  ConsignmentNotificationFailure: 'could not be told',
  AccessLost: 'nobody can open it any more',
  AccessRegained: 'somebody can open it now',
  ContentAccessTracking: 'opened',
  ContentHandover: 'attachment fetched',
  ConsignmentAcceptance: 'confirmed',
  LadderStep: ({ step, passedOver }) => (passedOver ? `ladder: ${step}, passed over` : `ladder: ${step}`),
};

/**
 * The notches of a message's stick, oldest first: each step of its evidence, and what it proves. What proves nothing about
 * the message (that its sender looked it up) leaves no notch.
 */
export function notchesOf(entries: readonly TimelineEntry[]): readonly Notch[] {
  return entries
    .filter(({ proves }) => proves !== 'nothing')
    .map(({ at, event, proves, core }) => {
      const word = words[event] ?? event;
      return { at: new Date(at), what: typeof word === 'function' ? word(core) : word, how: `${event}, proves: ${proves}` };
    });
}
