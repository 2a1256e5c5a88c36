import type { Db } from './database.ts';
import type { PartyId } from './ids.ts';
import type { Log } from './log.ts';

/** What every use case has: a database and a clock. A case that needs more says so: `ctx: Context & { blobs: Blobs }`. */
export interface Context {
  readonly db: Db;
  /** Domain time: the machine's clock plus the sandbox's shift, which lives in one row of the database. */
  now(): Date;
  readonly log: Log;
}

/** Who issued the token that the caller showed; `certificate` where it showed an enterprise certificate and no token. */
export type Issuer = 'altinn' | 'maskinporten' | 'idporten' | 'dialog' | 'certificate' | 'none';

/** What a dialog token is for; with it nothing else can be done. */
export interface DialogClaim {
  readonly id: string;
  /** The recipient of what the dialog shows. */
  readonly party: PartyId | null;
  readonly actions: ReadonlySet<string>;
}

/** Who is calling: what a verified token says, with the register's parties for its numbers. */
export interface Caller {
  readonly kind: 'person' | 'organization' | 'system-user' | 'platform' | 'anonymous';
  readonly issuer: Issuer;
  /** Whose rights count: the person, the organization or the system user itself. Null when the register does not know it. */
  readonly subject: PartyId | null;
  /** Whom it acts for when it does not say: the person, the organization, or the system user's owner. */
  readonly party: PartyId | null;
  /** The organization that holds the client (Maskinporten's `consumer`), where the token names one. */
  readonly consumer: PartyId | null;
  readonly scopes: ReadonlySet<string>;
  /** 0 to 4. */
  readonly authLevel: number;
  readonly clientId: string | null;
  /** The person who acts for `party` from a browser, as it or by their own right (`subject` says which): evidence names them. */
  readonly actor?: PartyId;
  /** Of a dialog token. */
  readonly dialog?: DialogClaim;
  /** What tells its token from every other, on routes that let in one that has run out (`takesLapsed`). */
  readonly token?: string;
  /** When its token ran out; there alone. */
  readonly lapsedAt?: Date;
}

export const anonymous: Caller = {
  kind: 'anonymous',
  issuer: 'none',
  subject: null,
  party: null,
  consumer: null,
  scopes: new Set(),
  authLevel: 0,
  clientId: null,
};
