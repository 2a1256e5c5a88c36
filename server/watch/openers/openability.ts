import type { Openability } from '#access/index.ts';

export type OpenabilityClass = 'UNREACHABLE' | 'GRANTABLE' | 'COLD' | 'REACHABLE' | 'PROVEN' | 'UNKNOWN';

/** Openability as a watch keeps it: counts, never people, but for those who can grant while nobody can open. */
export interface StoredOpenability {
  readonly class: OpenabilityClass;
  readonly openers: number;
  readonly grantors: number;
  readonly attachmentLocked: boolean;
  readonly accessVersion: string;
}

export function toStored(openability: Openability): StoredOpenability {
  return {
    class: openability.class,
    openers: openability.openers.length,
    // Somebody who could open up an attachment is no help while nobody can be given the message.
    grantors: openability.class === 'UNREACHABLE' ? 0 : openability.grantors.length,
    attachmentLocked: openability.lockedNeeds.length > 0,
    accessVersion: openability.accessVersion,
  };
}

/** Nobody can open it, or nobody who can open it can open one of its attachments: whoever could let somebody in to that is told and sees it. */
export function isSealed({ openers, lockedNeeds }: Pick<Openability, 'openers' | 'lockedNeeds'>): boolean {
  return openers.length === 0 || lockedNeeds.length > 0;
}
