import {
  announceAccessChanges,
  configureAccess,
  expireGrants,
  onAccessChanged,
  onPolicyChanged,
  seedAccess,
  timeOutRequests,
} from './access/index.ts';
import { accessInvariants } from './access/invariants.ts';
import { accessRoutes } from './access/routes.ts';
import { type Blobs, createDiskBlobs } from './blobs/index.ts';
import { type BrokerContext, fileScanResultRoutes } from './broker/index.ts';
import { brokerInvariants } from './broker/invariants.ts';
import { brokerJobs, brokerSweepers } from './broker/jobs.ts';
import { brokerRoutes } from './broker/routes.ts';
import { createCertificates, tlsOf } from './certificate-settings.ts';
import type { CertificateChecker } from './certificates/index.ts';
import { blobDirectory, type Config } from './config.ts';
import {
  browserLoginRoutes,
  callbackPath,
  createBrowserLogin,
  createProviderClient,
  createSending,
  type ForwardContext,
  findPointlessNotices,
  type LoginProvider,
  scanResultRoutes,
  tellOfNotifications,
} from './correspondence/index.ts';
import { correspondenceInvariants } from './correspondence/invariants.ts';
import { correspondenceJobs, correspondenceSweepers } from './correspondence/jobs.ts';
import { senderScopes } from './correspondence/policies.ts';
import { correspondenceRoutes } from './correspondence/routes.ts';
import { createClock, createCopying, createDatabase, type JoinerLimits } from './db/index.ts';
import { raiseAlarms } from './desk/index.ts';
import { deskInvariants } from './desk/invariants.ts';
import { deskRoutes } from './desk/routes.ts';
import type { DialogContext } from './dialogs/index.ts';
import { dialogRoutes } from './dialogs/routes.ts';
import { evidenceInvariants } from './evidence/invariants.ts';
import { healthRoutes } from './health.ts';
import { createHttp } from './http/index.ts';
import { certificateRoutes } from './identity/certificate/routes.ts';
import { createDialogTokens, createIdentity, createTokenVerifier, type TrustedIssuer } from './identity/index.ts';
import { type AnySweeper, startJobs, startSweepers, sweeper } from './jobs/index.ts';
import { jobInvariants } from './jobs/invariants.ts';
import type { Context } from './kernel/context.ts';
import type { Invariant } from './kernel/database.ts';
import { type Log, silentLog } from './kernel/log.ts';
import type { AnyRoute } from './kernel/route.ts';
import type { MailingContext } from './mailings/index.ts';
import { mailingInvariants } from './mailings/invariants.ts';
import { mailingSweepers } from './mailings/jobs.ts';
import { mailingRoutes } from './mailings/routes.ts';
import {
  createGatewaySms,
  createSmtpMail,
  type DeliveryContext,
  type MailPort,
  onDeliveryFailed,
  onHandedOver,
  onShipments,
  type SmsPort,
  whichArePointless,
} from './notifications/index.ts';
import { notificationInvariants } from './notifications/invariants.ts';
import { notificationSweepers } from './notifications/jobs.ts';
import { notificationRoutes } from './notifications/reports/routes.ts';
import { registerInvariants } from './register/invariants.ts';
import {
  catchMessages,
  createLogin,
  createTokenIssuers,
  downloadClientId,
  fillImplicit,
  loadFirstTown,
  sandboxRoutes,
  sweepLogins,
  type TokenIssuers,
} from './sandbox/index.ts';
import { createClamdScanner, type Scanner, simulatedScanner } from './scanning/index.ts';
import { setupRoutes } from './setup/routes.ts';
import { makeDueReport, type StatisticsContext } from './statistics/index.ts';
import { statisticsRoutes } from './statistics/routes.ts';
import {
  createAddressJudge,
  createWebhooks,
  forgetSweeper,
  type SubscriptionContext,
  subscriptionSweepers,
} from './subscriptions/index.ts';
import { subscriptionInvariants } from './subscriptions/invariants.ts';
import { subscriptionRoutes } from './subscriptions/routes.ts';
import {
  noteDeliveryFailed,
  noteHandedOver,
  reevaluate,
  reevaluatePolicies,
  sweepVersions,
  takeDueSteps,
  type WatchContext,
} from './watch/index.ts';
import { watchInvariants } from './watch/invariants.ts';
import { watchRoutes } from './watch/routes.ts';

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

/** As many lists of recipients are copied in at a time. */
const copyConnections = 4;

/** Everything that any feature asks for. */
type Everything = ForwardContext &
  BrokerContext &
  MailingContext &
  DeliveryContext &
  WatchContext &
  SubscriptionContext &
  StatisticsContext &
  DialogContext & { readonly invariants: readonly Invariant[] };

const invariants: readonly Invariant[] = [
  ...deskInvariants,
  ...jobInvariants,
  ...watchInvariants,
  ...evidenceInvariants,
  ...registerInvariants,
  ...accessInvariants,
  ...notificationInvariants,
  ...correspondenceInvariants,
  ...brokerInvariants,
  ...mailingInvariants,
  ...subscriptionInvariants,
];

/**
 * Puts the features together and starts those that the role asks for. The database is migrated before.
 * Throws what keeps a port from being opened.
 */
export async function createApp({ config, databaseUrl, log, role, checkAnswers = false, writing = {} }: AppOptions): Promise<App> {
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
  const ctx: Everything = {
    ...base,
    blobs: createDiskBlobs({ directory: blobDirectory(config), db }),
    scanner: createScanner(config),
    sending: createSending(db, writing.limits),
    copying,
    minimumAttachmentDays: config.MODE === 'production' ? 14 : 1,
    approvalNeeded: config.MODE === 'production',
    mail: carriers.mail,
    sms: carriers.sms,
    mailFrom: config.MAIL_FROM,
    publicUrl,
    dialogTokens,
    addresses: { inbox: publicUrl, console: publicUrl },
    webhooks,
    endpoints: { allowHttp: config.MODE === 'sandbox', mayReach },
    statistics: { apiKey: config.STATISTICS_API_KEY, trustProxy: config.TRUST_PROXY, environment: config.MODE },
    invariants,
  };

  configureAccess({ ownerReads: config.OWNER_READS });
  connectFeatures(config);
  const issuers = config.MODE === 'sandbox' ? createTokenIssuers(base, publicUrl) : undefined;
  const certificates = createCertificates(config, log, createAddressJudge);
  if (issuers && config.SANDBOX_TOWN === 'demo') await loadFirstTown(base);

  const stops: (() => Promise<void>)[] = [carriers.close, () => copying.close(), () => db.close()];
  try {
    if (role !== 'api') {
      const jobs = await startJobs({ pool: db.pool, jobs: [...correspondenceJobs, ...brokerJobs], ctx, log });
      const sweepers = startSweepers(ctx, [...sweepersOf(clock.refresh), ...(issuers ? [loginSweeper] : [])]);
      stops.unshift(async () => webhooks.close(), sweepers.stop, jobs.stop);
    }
    if (role === 'worker') return { address: null, stop: inOrder(stops) };

    const trusted = trustedIssuers(config, issuers);
    const identity = createIdentity({
      ctx: base,
      issuers: [...trusted, dialogTokens.trusted()],
      standsFor: new Map(config.SENDER_SCOPES.map((scope) => [scope, senderScopes])),
      onCaller: (tx) => announceAccessChanges(tx),
    });
    const verify = createTokenVerifier(trusted, log);
    const provider = loginProvider(config, issuers);
    const browserLogin =
      provider &&
      createBrowserLogin({
        ctx: base,
        provider: createProviderClient(provider, publicUrl + callbackPath),
        publicUrl,
        inbox: ctx.addresses.inbox,
        recognize: identity.recognize,
      });
    const http = await createHttp({
      routes: [
        ...routesOf(issuers && { issuers, verify, publicUrl, certificates, time: { refresh: clock.refresh, sweepers: dueSweepers } }),
        ...(certificates ? certificateRoutes(certificates) : []),
        ...scanResultsOf(config),
        ...(browserLogin ? browserLoginRoutes(browserLogin) : []),
      ],
      mounts: issuers ? [await createLogin(base, issuers.idporten, publicUrl)] : [],
      context: ctx,
      authenticate: identity.authenticate,
      ...(browserLogin ? { enter: browserLogin.enter } : {}),
      onAnswered: identity.note,
      blobs: ctx.blobs,
      log,
      checkAnswers,
      publicUrl,
      inboxOrigins: config.INBOX_ORIGINS,
      trustClientCert: config.TRUST_CLIENT_CERT,
      limitsCalls: config.LIMIT_CALLS,
      ...tlsOf(config),
    });
    stops.unshift(() => http.close(), identity.settled);
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

/** What is built in for trying out is mounted in the sandbox only. */
function routesOf(sandbox: Parameters<typeof sandboxRoutes>[0] | undefined): AnyRoute[] {
  return [
    ...healthRoutes,
    ...correspondenceRoutes,
    ...brokerRoutes,
    ...dialogRoutes,
    ...mailingRoutes,
    ...accessRoutes,
    ...notificationRoutes,
    ...watchRoutes,
    ...deskRoutes,
    ...(sandbox ? setupRoutes : []), // elsewhere clients are known to issuers that are not ours
    ...subscriptionRoutes,
    ...statisticsRoutes,
    ...(sandbox ? sandboxRoutes(sandbox) : []),
  ];
}

/** Where browsers log in that come for a file: the configured provider, else the sandbox's own. */
function loginProvider({ LOGIN }: Config, issuers: TokenIssuers | undefined): LoginProvider | undefined {
  return LOGIN ?? (issuers && { issuer: issuers.idporten.issuer, clientId: downloadClientId });
}

/** A stranger who says that a file is clean would have it published: in production only whoever shows the secret may. */
function scanResultsOf({ MODE, SCAN_RESULTS_SECRET }: Config): readonly AnyRoute[] {
  if (MODE === 'production' && SCAN_RESULTS_SECRET === undefined) return [];
  return [...scanResultRoutes(SCAN_RESULTS_SECRET), ...fileScanResultRoutes(SCAN_RESULTS_SECRET)];
}

/** Calls that go from a lower feature to a higher one. */
function connectFeatures(config: Config): void {
  onAccessChanged.fill(async (tx, parties, change) => {
    await reevaluate(tx, parties, change);
    tx.afterCommit(versionSweeper.wake); // for the watches that somebody held just then
  });
  onPolicyChanged.fill(async (tx) => {
    await reevaluatePolicies(tx);
    tx.afterCommit(versionSweeper.wake);
  });
  onDeliveryFailed.fill(noteDeliveryFailed);
  onHandedOver.fill(noteHandedOver);
  onShipments.fill(tellOfNotifications);
  whichArePointless.fill(findPointlessNotices);
  if (config.MODE === 'production') return;
  fillImplicit({ parties: config.SANDBOX_IMPLICIT.includes('parties'), resources: config.SANDBOX_IMPLICIT.includes('resources') });
}

/** The guarantee that no watch stands on old access for more than a minute. */
const versionSweeper = sweeper({ name: 'watch.sweep-versions', everySeconds: 60, run: sweepVersions });

/** What falls due in domain time. When the sandbox's clock stops at a due time, they run in this order: rights first, mail last. */
const dueSweepers: readonly AnySweeper[] = [
  sweeper({ name: 'access.expire-grants', everySeconds: 60, run: expireGrants }),
  sweeper({ name: 'access.time-out-requests', everySeconds: 60, run: timeOutRequests }),
  versionSweeper,
  ...correspondenceSweepers,
  ...brokerSweepers,
  ...mailingSweepers,
  sweeper({ name: 'watch.take-due-steps', everySeconds: 1, run: takeDueSteps }),
  ...notificationSweepers,
  ...subscriptionSweepers,
  sweeper({ name: 'statistics.make-due-report', everySeconds: 60, run: makeDueReport }),
];

/** Only where the sandbox's login is. */
const loginSweeper = sweeper({ name: 'sandbox.sweep-logins', everySeconds: 60, run: sweepLogins });

function sweepersOf(refreshClock: () => Promise<void>): AnySweeper[] {
  return [
    sweeper({ name: 'db.refresh-clock', everySeconds: 5, run: refreshClock }),
    ...dueSweepers,
    sweeper({ name: 'desk.check-invariants', everySeconds: 60, run: raiseAlarms }),
    forgetSweeper,
    sweeper<Context & { blobs: Blobs }>({ name: 'blobs.sweep', everySeconds: 60, run: (ctx) => ctx.blobs.sweep(ctx) }),
  ];
}

function trustedIssuers(config: Config, issuers: TokenIssuers | undefined): TrustedIssuer[] {
  const configured = config.ISSUERS.map(({ jwksUri, ...issuer }) => ({ ...issuer, ...(jwksUri === undefined ? {} : { keys: jwksUri }) }));
  return [...configured, ...Object.values(issuers ?? {}).map((each) => each.trusted())];
}

/** Real carriers where they are configured; the sandbox catches what has none. */
function createCarriers(config: Config, ctx: Context): { mail: MailPort; sms: SmsPort; close(): Promise<void> } {
  const caught = catchMessages(ctx);
  const smtp = config.SMTP_URL === undefined ? undefined : createSmtpMail({ url: config.SMTP_URL });
  const gateway = config.SMS_GATEWAY_URL === undefined ? undefined : createGatewaySms({ url: config.SMS_GATEWAY_URL });
  return { mail: smtp ?? caught.mail, sms: gateway ?? caught.sms, close: async () => smtp?.close() };
}

function createScanner(config: Config): Scanner {
  if (config.CLAMD === undefined) return simulatedScanner;
  const [host, port] = config.CLAMD.split(':') as [string, string];
  return createClamdScanner({ host, port: Number(port) });
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
