import { isAbsolute, resolve } from 'node:path';
import { type IssuerKind, issuerKind, issuerKinds } from './identity/index.ts';
import { parseNetwork } from './subscriptions/index.ts';

/** How the text of a setting becomes its value. A reader throws `Unreadable` with what it expects. */

/** An issuer whose tokens are trusted. `issuer` is compared letter by letter with a token's `iss`. */
export interface ConfiguredIssuer {
  readonly issuer: string;
  readonly kind: IssuerKind;
  /** Where its keys are; without it the issuer's metadata tells. */
  readonly jwksUri?: string;
  /** Whom its tokens must be for; without it that is not looked at. */
  readonly audience?: string;
}

/** Where people log in with a browser, and who this installation is there. */
export interface ConfiguredLogin {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
}

/** Thrown by a reader with what it expects; the caller adds the setting's name. */
export class Unreadable extends Error {}

export const text = (value: string): string => value;
export const oneOf =
  <const T extends string>(...values: readonly T[]) =>
  (value: string): T => {
    const found = values.find((v) => v === value);
    if (!found) throw new Unreadable(`must be one of ${values.join(', ')}`);
    return found;
  };
export const integer =
  (least: number, most: number) =>
  (value: string): number => {
    const n = Number(value);
    if (!/^\d+$/.test(value) || n < least || n > most) throw new Unreadable(`must be a whole number from ${least} to ${most}`);
    return n;
  };
export const url =
  (...protocols: readonly string[]) =>
  (value: string): string => {
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      throw new Unreadable(`must be an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`);
    }
    return value;
  };
/** A socket's address names its host in the query only: `postgresql://user@/database?host=/run/postgresql`. */
export const databaseUrl = (value: string): string => {
  url('postgres:', 'postgresql:')(value.replace(/^(\w+:\/\/[^/]*@)\//, '$1localhost/'));
  return value;
};
export const onOff = (value: string): boolean => oneOf('on', 'off')(value) === 'on';
export const hostAndPort = (value: string): string => {
  if (!/^[^\s:/]+:\d{1,5}$/.test(value)) throw new Unreadable('must be host:port');
  return value;
};
export const mailbox = (value: string): string => {
  if (!/^(?:[^<>\r\n]+ <[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/.test(value))
    throw new Unreadable('must be an e-mail address, or Name <address>');
  return value;
};

/** Nine digits, or everybody, which production refuses. */
export const operator = (value: string): string => {
  if (value !== 'anybody' && !/^\d{9}$/.test(value)) throw new Unreadable('must be an organization number, or anybody');
  return value;
};

export const implicitThings = ['parties', 'resources'] as const;
export type Implicit = (typeof implicitThings)[number];

export function implicit(value: string): readonly Implicit[] {
  if (value === 'none') return [];
  return value.split(',').map((part) => oneOf(...implicitThings)(part.trim()));
}

/** `[{"issuer": …, "kind": …, "jwksUri": …, "audience": …}]` */
export function issuers(value: string): readonly ConfiguredIssuer[] {
  let rows: unknown;
  try {
    rows = JSON.parse(value);
  } catch {
    throw new Unreadable('is not JSON');
  }
  if (!Array.isArray(rows) || rows.length === 0) throw new Unreadable('must be a list of at least one issuer');
  const read = rows.map(readIssuer);
  const twice = read.find(({ issuer }, i) => read.findIndex((other) => other.issuer === issuer) !== i);
  if (twice) throw new Unreadable(`names ${twice.issuer} twice`);
  return read;
}

export function readIssuer(row: unknown): ConfiguredIssuer {
  const { issuer, kind, jwksUri, audience, ...unknown } = (row ?? {}) as Record<string, unknown>;
  const strange = Object.keys(unknown)[0];
  if (strange) throw new Unreadable(`has an issuer with an unknown member "${strange}"`);
  if (typeof issuer !== 'string') throw new Unreadable('must give each issuer an "issuer"');
  if (jwksUri !== undefined && typeof jwksUri !== 'string') throw new Unreadable('must give "jwksUri" as a text, where it gives one');
  if (audience !== undefined && (typeof audience !== 'string' || audience === '')) {
    throw new Unreadable('must give "audience" as a text, where it gives one');
  }
  const known = kind === undefined ? issuerKind(issuer) : oneOf(...issuerKinds)(String(kind));
  if (!known) throw new Unreadable(`must say the "kind" of ${issuer}: ${issuerKinds.join(', ')}`);
  const web = url('https:', ...(onThisMachine(issuer, jwksUri ?? issuer) ? (['http:'] as const) : []));
  return {
    issuer: web(issuer),
    kind: known,
    ...(jwksUri === undefined ? {} : { jwksUri: web(jwksUri) }),
    ...(audience === undefined ? {} : { audience }),
  };
}

/** Keys that are fetched in the open could be anybody's: only what never leaves the machine may come by http. */
export function onThisMachine(...addresses: readonly string[]): boolean {
  return addresses.every(
    (address) => /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i.test(address) || address.startsWith('https:'),
  );
}

/** `https://af.altinn.no, https://*.altinn.no`: scheme and host, perhaps a port, and nothing after. */
export function origins(value: string): readonly string[] {
  const listed = value.split(',').map((one) => one.trim());
  const wrong = listed.find((one) => !/^https?:\/\/(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/i.test(one));
  if (wrong !== undefined)
    throw new Unreadable('must be origins such as https://inbox.example.no or https://*.example.no, divided by commas');
  return listed;
}

/** `{"issuer": …, "clientId": …, "clientSecret": …}` */
export function login(value: string): ConfiguredLogin {
  let row: unknown;
  try {
    row = JSON.parse(value);
  } catch {
    throw new Unreadable('is not JSON');
  }
  const { issuer, clientId, clientSecret, ...unknown } = (row ?? {}) as Record<string, unknown>;
  const strange = Object.keys(unknown)[0];
  if (strange) throw new Unreadable(`has an unknown member "${strange}"`);
  if (typeof issuer !== 'string' || typeof clientId !== 'string' || clientId === '')
    throw new Unreadable('must give "issuer" and "clientId"');
  if (clientSecret !== undefined && (typeof clientSecret !== 'string' || clientSecret === '')) {
    throw new Unreadable('must give "clientSecret" as a text, where it gives one');
  }
  const onThisMachine = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/i.test(issuer);
  const web = url('https:', ...(onThisMachine ? (['http:'] as const) : []));
  return { issuer: web(issuer), clientId, ...(clientSecret === undefined ? {} : { clientSecret }) };
}

export const longSecret = (value: string): string => {
  if (!/^[\x21-\x7e]{32,}$/.test(value)) throw new Unreadable('must be at least 32 characters of ASCII without spaces');
  return value;
};

/** `10.0.0.0/8, fd00::/8` */
export function networks(value: string): readonly string[] {
  const listed = value.split(',').map((one) => one.trim());
  if (listed.some((one) => parseNetwork(one) === undefined))
    throw new Unreadable('must be networks such as 10.0.0.0/8 or fd00::/8, divided by commas');
  return listed;
}

/** `2.16.578.1.26.1.3.2, 2.16.578.1.29.13.200.*` */
/** `eformidling:dpv, my:own`: names of scopes (RFC 6749, §3.3). */
export function scopes(value: string): readonly string[] {
  const listed = value.split(',').map((one) => one.trim());
  if (listed.some((one) => !/^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/.test(one)))
    throw new Unreadable('must be scopes such as eformidling:dpv, divided by commas');
  return listed;
}

export function objectIdentifiers(value: string): readonly string[] {
  const listed = value.split(',').map((one) => one.trim());
  if (listed.some((one) => !/^[012](?:\.\d+)+(?:\.\*)?$/.test(one)))
    throw new Unreadable('must be object identifiers such as 2.16.578.1.26.1.3.2 or 2.16.578.1.29.13.200.*, divided by commas');
  return listed;
}

export const path = (value: string): string => (isAbsolute(value) ? value : resolve(value));

/** `budstikke/` or `some/where`: what names begin with, up to a slash. */
export const prefix = (value: string): string => {
  if (!/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*\/?$/.test(value)) throw new Unreadable('must be a name, or several divided by slashes');
  return value.endsWith('/') ? value : `${value}/`;
};
