import type { PartyId } from '#kernel/ids.ts';

/** Someone who can be written to or act. */
export interface Party {
  readonly id: PartyId;
  /** The number that clients of the original know a party by. */
  readonly partyId: number;
  readonly kind: 'person' | 'organization' | 'system-user';
  /** Nine digits of an organization, eleven of a person; never logged. Null for a system user. */
  readonly number: string | null;
  readonly name: string;
  /** Short name of a service owner (`digdir`). */
  readonly orgCode: string | null;
  /** Form of organization as the Register of Legal Entities has it (`AS`, `ORGL`, `BEDR`). */
  readonly unitType: string | null;
  /** Of a subunit its main unit, of a system user its owner. */
  readonly parentId: PartyId | null;
  /** Of an organization that was merged: the one that it went into. */
  readonly successorId: PartyId | null;
  readonly language: 'nb' | 'nn' | 'en';
  /** Has said no to digital post. */
  readonly reserved: boolean;
  /** Neither dead nor deleted. */
  readonly alive: boolean;
}

/**
 * A party to be stored. The key is `number`, or `id` for a system user. Members left out keep what stands, and take
 * their default for a party that is new.
 */
export interface SaveParty {
  readonly id?: PartyId;
  readonly kind: Party['kind'];
  readonly number: string | null;
  readonly name: string;
  readonly orgCode?: string | null;
  readonly unitType?: string | null;
  /** The main unit by its number; it may stand in the same call. Null: none. */
  readonly parentNumber?: string | null;
  /** The owner of a system user. */
  readonly parentId?: PartyId | null;
  readonly language?: Party['language'];
  readonly reserved?: boolean;
  /** A date (`2026-11-01`), or null. */
  readonly lastLoginOn?: string | null;
  readonly diedOn?: string | null;
  readonly deletedAt?: string | null;
  /** The organization that it was merged into, by its number; it may stand in the same call. Null: none. */
  readonly successorNumber?: string | null;
  /** Came to be because a request named its number, not because anybody set it up. */
  readonly implicit?: boolean;
}

/** Where a party is told that there is post. Personal data of a person. */
export interface ContactPoint {
  readonly channel: 'email' | 'sms';
  readonly address: string;
}

/** All contact points of a party, in the order in which they are tried; they replace those it had. */
export interface SaveContactPoints {
  readonly party: PartyId;
  readonly points: readonly (ContactPoint & { /** When its owner last said that it is theirs. */ readonly confirmedAt?: string | null })[];
}
