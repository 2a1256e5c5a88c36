import { type NoticeValues, type Purpose, toGrantors } from './texts.ts';

/** Where the web app is, as recipients and as senders reach it. */
export interface Addresses {
  readonly inbox: string;
  readonly console: string;
}

/** Whose page it is: of a person nothing is written into a link, of an organization its number, which is public. */
export interface WhosePage {
  readonly kind: string;
  readonly number?: string | null;
}

interface About {
  readonly purpose: Purpose;
  readonly recipient?: WhosePage | null | undefined;
  readonly sender?: WhosePage | null | undefined;
  /** Nobody at the recipient can open it, and somebody could let them in. */
  readonly isSealed?: boolean;
}

const forGrantors: ReadonlySet<Purpose> = new Set(toGrantors);
/** Those who lead are told of sealed post in the words of post that nobody has opened. */
const forLeaders: ReadonlySet<Purpose> = new Set(['key-roles', 'file-key-roles']);

/** Of the mails to senders, where what they tell of stands; the rest tells of the board. */
const pages: Partial<Record<Purpose, { readonly path: string; readonly narrowed?: string }>> = {
  'sender-decision': { path: '/unread', narrowed: 'asked=true' },
  'files-decision': { path: '/unread', narrowed: 'asked=true' },
  'sender-failed': { path: '/console' },
  'files-failed': { path: '/console/files' },
  'subscription-paused': { path: '/console/connections' },
};

/**
 * Pure. Where a notice leads: who can give access to sealed post straight to where it is given, a sender to its board, each for the
 * organization that the notice speaks of, also past the login. All are pages that show nothing to who is not logged in and do nothing by
 * being fetched, as filters of mail and previews do.
 */
export function leadTo(
  { inbox, console }: Addresses,
  { purpose, recipient, sender, isSealed = false }: About,
): Pick<NoticeValues, 'inboxAddress' | 'consoleAddress'> {
  const { path, narrowed } = pages[purpose] ?? { path: '/unread' };
  const isOfAccess = forGrantors.has(purpose) || (isSealed && forLeaders.has(purpose));
  return {
    inboxAddress: isOfAccess ? pageOf(inbox, '/access', recipient) : inbox,
    consoleAddress: pageOf(console, path, sender, narrowed),
  };
}

/** Pure. The board of a sender. */
export function boardOf({ console }: Pick<Addresses, 'console'>, sender: WhosePage): string {
  return pageOf(console, '/unread', sender);
}

/** Pure. What a sender has sent, ended or not. */
export function sentOf({ console }: Pick<Addresses, 'console'>, sender: WhosePage): string {
  return pageOf(console, '/console', sender);
}

function pageOf(base: string, path: string, whose: WhosePage | null | undefined, narrowed?: string): string {
  const party = whose?.kind === 'organization' && whose.number ? `party=${whose.number}` : undefined;
  const query = [party, narrowed].filter((part) => part !== undefined).join('&');
  return `${base.replace(/\/$/, '')}${path}${query ? `?${query}` : ''}`;
}
