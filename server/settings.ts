import { resolve } from 'node:path';
import { carrierSettings } from './carrier-settings.ts';
import { contactSettings } from './contact-settings.ts';
import { usualDownloads } from './kernel/giving-places.ts';
import type { LogLevel } from './kernel/log.ts';
import { relaySettings } from './relay-settings.ts';
import { type Setting, setting } from './setting.ts';
import {
  type ConfiguredIssuer,
  type ConfiguredLogin,
  databaseUrl,
  hostAndPort,
  type Implicit,
  implicit,
  implicitThings,
  integer,
  issuers,
  login,
  longSecret,
  mailbox,
  networks,
  objectIdentifiers,
  oneOf,
  onOff,
  operator,
  origins,
  path,
  prefix,
  scopes,
  text,
  url,
} from './setting-readers.ts';

export type { Setting } from './setting.ts';
export type { ConfiguredIssuer, ConfiguredLogin } from './setting-readers.ts';
export type Mode = 'sandbox' | 'production';

/** Every setting there is. An environment variable that begins with `BUDSTIKKE_` and is not among them stops the start. */
export const settings = {
  MODE: setting<Mode>({
    type: '`sandbox` or `production`',
    meaning: 'Whether what is built in for trying out is there.',
    sandbox: 'sandbox',
    production: 'production',
    read: oneOf('sandbox', 'production'),
  }),
  PORT: setting({ type: 'port', meaning: 'The port to listen on.', sandbox: 7070, production: 7070, read: integer(1, 65_535) }),
  HOST: setting({ type: 'address', meaning: 'The address to listen on.', sandbox: '127.0.0.1', production: '0.0.0.0', read: text }),
  PUBLIC_URL: setting<string>({
    type: 'URL',
    meaning: 'Where clients and readers reach this installation; the sandbox says its own address when it is not set.',
    sandbox: undefined,
    production: 'required',
    read: (v) => url('https:', 'http:')(v).replace(/\/+$/, ''),
  }),
  DATA_DIR: setting({
    type: 'directory',
    meaning: "Where the embedded PostgreSQL and the sandbox's bytes lie.",
    sandbox: resolve('data'),
    production: resolve('data'),
    read: path,
  }),
  DATABASE_URL: setting<string>({
    type: 'URL',
    meaning: 'A PostgreSQL (16 or newer) in place of the embedded one.',
    sandbox: undefined,
    production: 'required',
    read: databaseUrl,
    secret: true,
  }),
  MAX_CONNECTIONS: setting({
    type: 'number',
    meaning: 'Connections to PostgreSQL that one process opens at most.',
    sandbox: 20,
    production: 20,
    read: integer(4, 1_000),
  }),
  DOWNLOADS_AT_ONCE: setting({
    type: 'number',
    meaning:
      'Files that one process sends at once, two thirds of them to one organization; the next ones wait, then it is 503 with Retry-After. Whoever takes a file slowly costs some 150 KiB of memory, from an object store twice as much.',
    sandbox: usualDownloads,
    production: usualDownloads,
    read: integer(1, 100_000),
  }),
  BLOB_DIR: setting<string>({
    type: 'directory',
    meaning:
      'Where the bytes of attachments and files lie, unless `BUDSTIKKE_S3_BUCKET` is set; a sandbox has `blobs` under the data directory.',
    sandbox: undefined,
    production: 'required',
    read: path,
    unless: 'S3_BUCKET',
  }),
  S3_BUCKET: setting<string>({
    type: 'name',
    meaning: 'The bucket of an object store (any that speaks S3) for those bytes, in place of a directory. It must exist.',
    sandbox: undefined,
    production: undefined,
    read: text,
  }),
  S3_ENDPOINT: setting<string>({
    type: 'URL',
    meaning: 'Where that object store is; without it, at Amazon.',
    sandbox: undefined,
    production: undefined,
    read: url('https:', 'http:'),
  }),
  S3_REGION: setting({
    type: 'name',
    meaning: 'Its region, which is part of every signature.',
    sandbox: 'us-east-1',
    production: 'us-east-1',
    read: text,
  }),
  S3_KEY: setting<string>({
    type: 'text',
    meaning: 'The access key that may list, read, write and delete in the bucket.',
    sandbox: undefined,
    production: undefined,
    read: text,
    secret: true,
  }),
  S3_SECRET: setting<string>({
    type: 'text',
    meaning: 'The secret of that key.',
    sandbox: undefined,
    production: undefined,
    read: text,
    secret: true,
  }),
  S3_PATH_STYLE: setting({
    type: '`on` or `off`',
    meaning: "Whether the bucket stands in the path of addresses, as most servers but Amazon's want it, and not in the name of the host.",
    sandbox: true,
    production: true,
    read: onOff,
  }),
  S3_PREFIX: setting<string>({
    type: 'text',
    meaning: 'What the names of all objects begin with, where the bucket holds other things too.',
    sandbox: undefined,
    production: undefined,
    read: prefix,
  }),
  S3_SPOOL_DIR: setting<string>({
    type: 'directory',
    meaning:
      'Where parts of large uploads lie until the object store has them: three parts for each upload at most, of 8 MiB up to 8 GB, growing to 64 MiB at 100 GB. Without it `spool` under the data directory.',
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  ENCRYPTION_KEYS: setting<string>({
    type: 'file',
    meaning:
      'Keys that files and what letters say are encrypted by at rest: a line each, an id, a space and 32 bytes in base64; the first one is for what is new. Without it nothing is encrypted.',
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  ISSUERS: setting<readonly ConfiguredIssuer[]>({
    type: 'JSON',
    meaning:
      'Issuers whose tokens are trusted: `[{"issuer", "kind": "altinn, maskinporten or idporten", "jwksUri", "audience"}]`. The kind may be left out where the address tells it, the address of the keys where the issuer has metadata (RFC 8414, OpenID Connect Discovery); where an audience is given, tokens must be for it.',
    sandbox: [],
    production: 'required',
    read: issuers,
  }),
  SENDER_SCOPES: setting<readonly string[]>({
    type: 'scopes, divided by commas',
    meaning:
      'Scopes that count as `altinn:serviceowner` and `altinn:correspondence.write`: integration points of eFormidling come with `eformidling:dpv` where no proxy swaps their token. What they may send is asked all the same.',
    sandbox: ['eformidling:dpv'],
    production: [],
    read: scopes,
  }),
  ...carrierSettings,
  ...relaySettings,
  ...contactSettings,
  CLAMD: setting<string>({
    type: '`host:port`',
    meaning: 'The virus scanner clamd. What is not scanned is not published.',
    sandbox: undefined,
    production: 'required',
    read: hostAndPort,
  }),
  SCAN_RESULTS_SECRET: setting<string>({
    type: 'text',
    meaning:
      'What a scanner outside must show when it tells what it found (`POST /correspondence/api/v1/webhooks/malwarescanresults`, `POST /broker/api/v1/webhooks/malwarescanresults`), as `X-Scan-Results-Secret` or `?code=`. Without it production has no such operation, and a sandbox asks for nothing.',
    sandbox: undefined,
    production: undefined,
    read: longSecret,
    secret: true,
  }),
  LOGIN: setting<ConfiguredLogin>({
    type: 'JSON',
    meaning:
      'Where people log in with their browsers, to the web app or for a file without a token: `{"issuer", "clientId", "clientSecret"}` of an OpenID Connect provider shaped as ID-porten, with `<PUBLIC_URL>/login/callback` and `<PUBLIC_URL>/correspondence/api/v1/idporten-callback` as redirect addresses (`docs/web.md`). `BUDSTIKKE_PUBLIC_URL` must be https. Without it they get 401; a sandbox has its own login.',
    sandbox: undefined,
    production: undefined,
    read: login,
    secret: true,
  }),
  OWNER_READS: setting({
    type: '`on` or `off`',
    meaning: "Whether an owner's token may read for a recipient. It never counts as opened.",
    sandbox: true,
    production: false,
    read: onOff,
  }),
  LIMIT_CALLS: setting({
    type: '`on` or `off`',
    meaning:
      'Whether one client may call an operation of the Broker API only so often in a minute as the original allows (120; details 15, list 10). Counted over all processes; more is 429 with Retry-After.',
    sandbox: false,
    production: true,
    read: onOff,
  }),
  SANDBOX_TOWN: setting<'demo' | 'none'>({
    type: '`demo` or `none`',
    meaning: 'The town that a new sandbox begins with.',
    sandbox: 'demo',
    production: 'none',
    read: oneOf('demo', 'none'),
  }),
  INBOX_ORIGINS: setting<readonly string[]>({
    type: 'origins, divided by commas',
    meaning:
      'Web pages that may open, confirm, delete and download messages for whoever is logged in there: `https://inbox.example.no`, or `https://*.example.no` for every subdomain.',
    sandbox: [],
    production: [],
    read: origins,
  }),
  STATISTICS_API_KEY: setting<string>({
    type: 'text',
    meaning: 'What callers of statistics show as `X-API-Key`; without it nobody may ask.',
    sandbox: 'sandbox-statistics',
    production: undefined,
    read: text,
    secret: true,
  }),
  ALARM_EMAIL: setting<string>({
    type: 'e-mail address',
    meaning: 'Who is told by mail when something that must always hold does not. Without it the log alone tells.',
    sandbox: undefined,
    production: undefined,
    read: mailbox,
  }),
  OPERATOR: setting<string>({
    type: 'organization number, in a sandbox also `anybody`',
    meaning:
      'The organization that runs this installation: whoever administers access there sees at `/operator` how it stands. Without it only tokens with the scope `budstikke:operator` do.',
    sandbox: 'anybody',
    production: undefined,
    read: operator,
  }),
  METRICS_TOKEN: setting<string>({
    type: 'text of 32 characters or more',
    meaning: 'What a Prometheus shows as `Authorization: Bearer` to read `/metrics`; without it nobody may.',
    sandbox: 'sandbox-metrics-sandbox-metrics-sandbox',
    production: undefined,
    read: longSecret,
    secret: true,
  }),
  TRUST_PROXY: setting({
    type: '`on` or `off`',
    meaning:
      'Whether a proxy stands before this server and sets `X-Forwarded-For`. Without one, the header is whatever a client writes into it.',
    sandbox: false,
    production: false,
    read: onOff,
  }),
  WEBHOOK_NETWORKS: setting<readonly string[]>({
    type: 'networks, divided by commas',
    meaning:
      'Networks not open to the public that webhooks of subscribers may be posted to: `10.1.0.0/16`. All else that is not public is refused, whatever name stands for it.',
    sandbox: ['127.0.0.0/8', '::1/128'],
    production: [],
    read: networks,
  }),
  CERTIFICATE_ROOTS: setting<string>({
    type: 'file or directory',
    meaning:
      'Authorities whose enterprise certificates are trusted, in PEM: what is signed by itself is where a chain may end, the others need not be shown. Without it no certificate is taken for an organization.',
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  CERTIFICATE_POLICIES: setting<readonly string[]>({
    type: 'object identifiers, divided by commas',
    meaning:
      'Policies that make a certificate an enterprise certificate; `.*` at the end for all below one. Without it those of Buypass and Commfides, in a sandbox those of their test environments too.',
    sandbox: undefined,
    production: undefined,
    read: objectIdentifiers,
  }),
  CERTIFICATE_REVOCATION: setting<'hard' | 'soft'>({
    type: '`hard` or `soft`',
    meaning: 'What becomes of a certificate when neither list nor responder of its issuer can be had: refused, or taken and logged.',
    sandbox: 'hard',
    production: 'hard',
    read: oneOf('hard', 'soft'),
  }),
  CERTIFICATE_NETWORKS: setting<readonly string[]>({
    type: 'networks, divided by commas',
    meaning:
      'Networks not open to the public where lists and responders of issuers may be asked for. All else that is not public is refused: a stranger chooses the address.',
    sandbox: ['127.0.0.0/8', '::1/128'],
    production: [],
    read: networks,
  }),
  TLS_CERT: setting<string>({
    type: 'file',
    meaning:
      "The server's own certificate with its chain, in PEM: with it and `BUDSTIKKE_TLS_KEY` a second port asks clients for certificates.",
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  TLS_KEY: setting<string>({
    type: 'file',
    meaning: 'The key of that certificate, in PEM.',
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  TLS_PORT: setting({ type: 'port', meaning: 'That second port.', sandbox: 7443, production: 7443, read: integer(1, 65_535) }),
  TRUST_CLIENT_CERT: setting({
    type: '`on` or `off`',
    meaning:
      'Whether a proxy before this server ends TLS and sets `Client-Cert` and `Client-Cert-Chain` (RFC 9440). It must take out what clients write there, or anybody is anybody.',
    sandbox: false,
    production: false,
    read: onOff,
  }),
  SANDBOX_IMPLICIT: setting<readonly Implicit[]>({
    type: '`parties,resources` or `none`',
    meaning: 'What comes to be in the sandbox when a request names it first.',
    sandbox: implicitThings,
    production: [],
    read: implicit,
  }),
  LOG_LEVEL: setting<LogLevel>({
    type: 'level',
    meaning: '`debug`, `info`, `warn`, `error` or `silent`.',
    sandbox: 'warn',
    production: 'info',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  }),
} as const;

type Settings = typeof settings;
export type SettingName = keyof Settings;
type Read<S> = S extends Setting<infer T> ? T : never;

/** The settings of this process. What is not set and has no default is undefined. */
export type Config = { readonly [N in SettingName]: N extends Optional ? Read<Settings[N]> | undefined : Read<Settings[N]> };
type Optional =
  | 'PUBLIC_URL'
  | 'DATABASE_URL'
  | 'BLOB_DIR'
  | 'S3_BUCKET'
  | 'S3_ENDPOINT'
  | 'S3_KEY'
  | 'S3_SECRET'
  | 'S3_PREFIX'
  | 'S3_SPOOL_DIR'
  | 'ENCRYPTION_KEYS'
  | 'SMTP_URL'
  | 'SMS_GATEWAY_URL'
  | 'RELAY_DIR'
  | 'RELAY_SFTP_URL'
  | 'RELAY_SFTP_KEY'
  | 'RELAY_SFTP_HOST_KEYS'
  | 'MAIL_PER_SECOND'
  | 'SMS_PER_SECOND'
  | 'KRR_URL'
  | 'KRR_CLIENT_ID'
  | 'KRR_KEY'
  | 'KRR_KEY_ID'
  | 'CLAMD'
  | 'STATISTICS_API_KEY'
  | 'ALARM_EMAIL'
  | 'METRICS_TOKEN'
  | 'OPERATOR'
  | 'SCAN_RESULTS_SECRET'
  | 'LOGIN'
  | 'CERTIFICATE_ROOTS'
  | 'CERTIFICATE_POLICIES'
  | 'TLS_CERT'
  | 'TLS_KEY';

export const settingPrefix = 'BUDSTIKKE_';
