import { readFileSync } from 'node:fs';
import { announceAccessChanges, configureAccess, seedAccess } from './access/index.ts';
import { type Blobs, openBlobs, openContents } from './blobs/index.ts';
import { fileScanResultRoutes } from './broker/index.ts';
import { createBrowsers, placeApp } from './browsers.ts';
import { createCertificates, tlsOf } from './certificate-settings.ts';
import type { CertificateChecker } from './certificates/index.ts';
import { blobDirectory, type Config, storeOf } from './config.ts';
import { browserLoginRoutes, createSending, scanResultRoutes } from './correspondence/index.ts';
import { senderScopes } from './correspondence/policies.ts';
import { createClock, createCopying, createDatabase, type JoinerLimits } from './db/index.ts';
import {
  clockSweeper,
  connectFeatures,
  dueSweepers,
  type Everything,
  invariants,
  jobs,
  loginSweeper,
  queues,
  routesOf,
  scanResultsOf,
  serveSweepers,
  workSweepers,
} from './features.ts';
import { collectSooner } from './heap.ts';
import { createHttp, untilRecorded } from './http/index.ts';
import { certificateRoutes } from './identity/certificate/routes.ts';
import { createDialogTokens, createIdentity, createTokenVerifier } from './identity/index.ts';
import { createChangeFeed, type InboxContext } from './inbox/index.ts';
import { startJobs, startSweepers } from './jobs/index.ts';
import type { Context } from './kernel/context.ts';
import { createGivingPlaces } from './kernel/giving-places.ts';
import { type Log, silentLog } from './kernel/log.ts';
import { createCarriers, createContactRegister, createScanner, trustedIssuers } from './outside.ts';
import { createPrintHouse } from './relay-settings.ts';
import { createLogin, createTokenIssuers, loadFirstTown, type TokenIssuers } from './sandbox/index.ts';
import type { SessionContext } from './session/index.ts';
import { sessionRoutes } from './session/routes.ts';
import { createAddressJudge, createWebhooks } from './subscriptions/index.ts';

export type Role = 'all' | 'api' | 'worker';

export interface AppOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly log: Log;
  readonly role: Role;
  /** In tests: an answer or refusal that a route does not declare is a 500. */
  readonly checkAnswers?: boolean;
  /** For benches: how statements and callers are put together. */
  readonly writing?: { readonly pipelined?: boolean; readonly limits?: JoinerLimits };
}

export interface App {
  /** Where requests are answered; null for a worker. */
  readonly address: string | null;
  /** Takes nothing new, finishes what runs, closes. */
  stop(): Promise<void>;
}

const { version: packageVersion } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** As many lists of recipients are copied in at a time. */
const copyConnections = 4;

/**
 * Puts the features together and starts those that the role asks for. The database is migrated before.
 * Throws what keeps a port from being opened.
 */
export async function createApp({ config, databaseUrl, log, role, checkAnswers = false, writing = {} }: AppOptions): Promise<App> {
  collectSooner();
  const db = createDatabase({
    url: databaseUrl,
    maxConnections: config.MAX_CONNECTIONS,
    applicationName: `budstikke ${role}`,
    pipelined: writing.pipelined ?? true,
  });
  const copying = createCopying({ url: databaseUrl, maxConnections: copyConnections, applicationName: `budstikke ${role} copy` });
  const clock = createClock(db);
  const base: Context = { db, now: clock.now, log };
  await clock.refresh();
  await seedAccess(base);

  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const dialogTokens = createDialogTokens(base, publicUrl);
  const carriers = createCarriers(config, base);
  const mayReach = createAddressJudge(config.WEBHOOK_NETWORKS);
  const webhooks = createWebhooks({ mayReach });
  const store = await openBlobs(db, storeOf(config), log);
  const contents = await openContents(db, store.keyring, log);
  for (const each of [db, copying]) each.keepContentsBy(contents);
  const ctx: Everything = {
    ...base,
    blobs: store.blobs,
    scanner: createScanner(config),
    sending: createSending(db, writing.limits),
    copying,
    minimumAttachmentDays: config.MODE === 'production' ? 14 : 1,
    approvalNeeded: config.MODE === 'production',
    mail: carriers.mail,
    sms: carriers.sms,
    mailFrom: config.MAIL_FROM,
    printHouse: createPrintHouse(config),
    contactRegister: createContactRegister(config),
    publicUrl,
    dialogTokens,
    addresses: { inbox: publicUrl, console: publicUrl },
    webhooks,
    endpoints: { allowHttp: config.MODE === 'sandbox', mayReach },
    statistics: { apiKey: config.STATISTICS_API_KEY, trustProxy: config.TRUST_PROXY, environment: config.MODE },
    alarmEmail: config.ALARM_EMAIL,
    metricsToken: config.METRICS_TOKEN,
    invariants,
    queues,
    operator: config.OPERATOR,
    installation: {
      version: packageVersion,
      mode: config.MODE,
      directory: config.S3_BUCKET === undefined ? blobDirectory(config) : null,
    },
  };

  configureAccess({ ownerReads: config.OWNER_READS });
  connectFeatures(config);
  const issuers = config.MODE === 'sandbox' ? createTokenIssuers(base, publicUrl) : undefined;
  const certificates = createCertificates(config, log, createAddressJudge);
  if (issuers && config.SANDBOX_TOWN === 'demo') await loadFirstTown(base);

  const stops: (() => Promise<void>)[] = [carriers.close, store.close, () => copying.close(), () => db.close()];
  try {
    if (role !== 'api') {
      const running = await startJobs({ pool: db.pool, jobs, ctx, log });
      const sweepers = startSweepers(ctx, [...workSweepers, ...(issuers ? [loginSweeper] : [])]);
      stops.unshift(async () => webhooks.close(), sweepers.stop, running.stop);
    }
    stops.unshift(startSweepers(ctx, [clockSweeper(clock.refresh), ...(role === 'api' ? serveSweepers : [])]).stop); // each process has a clock of its own
    if (role === 'worker') return { address: null, stop: inOrder(stops) };

    const trusted = trustedIssuers(config, issuers);
    const identity = createIdentity({
      ctx: base,
      issuers: [...trusted, dialogTokens.trusted()],
      standsFor: new Map(config.SENDER_SCOPES.map((scope) => [scope, senderScopes])),
      onCaller: (tx) => announceAccessChanges(tx),
    });
    const verify = createTokenVerifier(trusted, log);
    const browsers = createBrowsers({ config, base, issuers, identity, publicUrl, inbox: ctx.addresses.inbox });
    const { routes, mounts, showMissing } = placeApp(
      [
        ...routesOf(
          issuers && { issuers, verify, publicUrl, certificates, time: { refresh: clock.refresh, sweepers: dueSweepers, untilRecorded } },
        ),
        ...(certificates ? certificateRoutes(certificates) : []),
        ...scanResultsOf(config),
        ...browsers.routes,
      ],
      { config, ctx, issuers, publicUrl },
    );
    const changes = createChangeFeed(base);
    const isStill: InboxContext['isStill'] = async ({ subject }, headers) => {
      const now = await browsers.authenticate(headers, { method: 'GET', quiet: true });
      return typeof now === 'object' && 'subject' in now && now.subject === subject;
    };
    const http = await createHttp({
      routes,
      showMissing,
      mounts: [...mounts, ...(issuers ? [await createLogin(base, issuers.idporten, publicUrl)] : [])],
      context: { ...ctx, changes, isStill },
      authenticate: browsers.authenticate,
      ...(browsers.enter ? { enter: browsers.enter } : {}),
      onAnswered: identity.note,
      blobs: ctx.blobs,
      giving: createGivingPlaces(config.DOWNLOADS_AT_ONCE),
      log,
      checkAnswers,
      publicUrl,
      inboxOrigins: config.INBOX_ORIGINS,
      trustClientCert: config.TRUST_CLIENT_CERT,
      ...(config.LIMIT_CALLS ? { limitsCallsBy: db } : {}),
      ...tlsOf(config),
    });
    stops.unshift(changes.close, () => http.close(), identity.settled);
    await http.listen(config.PORT, config.HOST);
    return { address: publicUrl, stop: inOrder(stops) };
  } catch (error) {
    await inOrder(stops)();
    throw error;
  }
}

/** The API document of all routes, as it stands in `docs/api/openapi.json`. */
export async function printOpenapi(): Promise<string> {
  const issuers = {} as TokenIssuers;
  const http = await createHttp({
    routes: [
      ...routesOf({
        issuers,
        verify: async () => 'invalid',
        publicUrl: 'http://localhost:7070',
        certificates: undefined,
        time: { refresh: async () => {}, sweepers: [] },
      }),
      ...certificateRoutes({} as CertificateChecker),
      ...scanResultRoutes(undefined),
      ...fileScanResultRoutes(undefined),
      ...browserLoginRoutes({ comeBack: async () => '' }),
      ...sessionRoutes({} as SessionContext),
    ],
    context: {},
    authenticate: async () => 'invalid',
    blobs: {} as Blobs,
    log: silentLog,
    checkAnswers: false,
    publicUrl: 'http://localhost:7070',
  });
  const document = http.openapi();
  await http.close();
  return `${JSON.stringify({ 'x-generated': 'Printed from the route table by npm run print.', ...document }, null, 2)}\n`;
}

/** One after the other; the first is what takes requests, the last is the database. */
function inOrder(stops: readonly (() => Promise<unknown>)[]): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    for (const stop of stops) await stop();
  };
  return () => {
    stopping ??= stopAll();
    return stopping;
  };
}
