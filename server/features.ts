import { announceAccessChanges, expireGrants, onAccessChanged, onPolicyChanged, timeOutRequests } from './access/index.ts';
import { accessInvariants } from './access/invariants.ts';
import { accessRoutes } from './access/routes.ts';
import type { Blobs } from './blobs/index.ts';
import { type BrokerContext, fileScanResultRoutes } from './broker/index.ts';
import { brokerInvariants } from './broker/invariants.ts';
import { brokerJobs, brokerSweepers } from './broker/jobs.ts';
import { brokerQueues } from './broker/queues.ts';
import { brokerRoutes } from './broker/routes.ts';
import type { Config } from './config.ts';
import { awaitAnswers, type ContactsContext, type RegisterContext } from './contacts/index.ts';
import { contactInvariants } from './contacts/invariants.ts';
import { contactSweepers } from './contacts/jobs.ts';
import { contactRoutes } from './contacts/routes.ts';
import {
  type ForwardContext,
  findPointlessNotices,
  lettersOnPaper,
  scanResultRoutes,
  tellOfNotifications,
} from './correspondence/index.ts';
import { correspondenceInvariants } from './correspondence/invariants.ts';
import { correspondenceJobs, correspondenceSweepers } from './correspondence/jobs.ts';
import { correspondenceQueues } from './correspondence/queues.ts';
import { correspondenceRoutes } from './correspondence/routes.ts';
import { coverageRoutes } from './desk/coverage/routes.ts';
import { deskInvariants } from './desk/invariants.ts';
import { deskRoutes } from './desk/routes.ts';
import { type DialogContext, onLabelsChanged } from './dialogs/index.ts';
import { dialogRoutes } from './dialogs/routes.ts';
import { eventQueues } from './events/queues.ts';
import { budstikkeItself } from './evidence/index.ts';
import { evidenceInvariants } from './evidence/invariants.ts';
import { healthRoutes } from './health.ts';
import { noteQuietMachines } from './identity/index.ts';
import { touchInboxes } from './inbox/index.ts';
import { inboxInvariants } from './inbox/invariants.ts';
import { inboxSweeper } from './inbox/jobs.ts';
import { inboxQueues } from './inbox/queues.ts';
import { inboxRoutes } from './inbox/routes.ts';
import { type AnySweeper, sweeper } from './jobs/index.ts';
import { jobInvariants } from './jobs/invariants.ts';
import { jobQueues } from './jobs/queues.ts';
import type { Context } from './kernel/context.ts';
import type { Invariant } from './kernel/database.ts';
import type { Queue } from './kernel/queue.ts';
import type { AnyRoute } from './kernel/route.ts';
import type { MailingContext } from './mailings/index.ts';
import { mailingInvariants } from './mailings/invariants.ts';
import { mailingSweepers } from './mailings/jobs.ts';
import { mailingRoutes } from './mailings/routes.ts';
import {
  type DeliveryContext,
  onCalledOff,
  onDeliveryFailed,
  onHandedOver,
  onReports,
  onShipments,
  type WhyNot,
  whatIsToldTogether,
  whichArePointless,
} from './notifications/index.ts';
import { notificationInvariants } from './notifications/invariants.ts';
import { notificationSweepers } from './notifications/jobs.ts';
import { notificationQueues } from './notifications/queues.ts';
import { notificationRoutes } from './notifications/reports/routes.ts';
import type { OperatorContext } from './operator/index.ts';
import { operatorRoutes } from './operator/routes.ts';
import { registerInvariants } from './register/invariants.ts';
import { lettersForPaper, onNotStopped, type RelayContext, takeForPaper } from './relay/index.ts';
import { relayInvariants } from './relay/invariants.ts';
import { relaySweepers } from './relay/jobs.ts';
import { relayQueues } from './relay/queues.ts';
import { relayRoutes } from './relay/routes.ts';
import { fillImplicit, sandboxRoutes, sweepLogins } from './sandbox/index.ts';
import { sessionSweeper } from './session/jobs.ts';
import { setupRoutes } from './setup/routes.ts';
import { fileStatisticsRoutes } from './statistics/files/routes.ts';
import { makeDueReport, type StatisticsContext } from './statistics/index.ts';
import { statisticsRoutes } from './statistics/routes.ts';
import { forgetSweeper, type SubscriptionContext, subscriptionSweepers } from './subscriptions/index.ts';
import { subscriptionInvariants } from './subscriptions/invariants.ts';
import { subscriptionQueues } from './subscriptions/queues.ts';
import { subscriptionRoutes } from './subscriptions/routes.ts';
import { mailNotStopped, noteComeBack, raiseAlarms, type UnreadContext } from './unread/index.ts';
import { unreadInvariants } from './unread/invariants.ts';
import { mailSweeper, unreadSweepers } from './unread/jobs.ts';
import { unreadQueues } from './unread/queues.ts';
import { unreadRoutes } from './unread/routes.ts';
import {
  compareCauses,
  findMoved,
  findNoLongerTheirs,
  findPointlessDigests,
  freshenMails,
  listToldTogether,
  noteCalledOff,
  noteDeliveryFailed,
  noteHandedOver,
  onPeopleToTell,
  onRelay,
  reevaluate,
  reevaluatePolicies,
  sweepCauses,
  sweepVersions,
  takeDueSteps,
  takeUpOwed,
  tellDeletedUnread,
  tellMailsAgain,
  type WatchContext,
} from './watch/index.ts';
import { watchInvariants } from './watch/invariants.ts';
import { watchQueues } from './watch/queues.ts';
import { watchRoutes } from './watch/routes.ts';

/** Everything that any feature asks for. */
export type Everything = ForwardContext &
  BrokerContext &
  MailingContext &
  DeliveryContext &
  WatchContext &
  ContactsContext &
  RegisterContext &
  RelayContext &
  SubscriptionContext &
  StatisticsContext &
  UnreadContext &
  OperatorContext &
  DialogContext & { readonly invariants: readonly Invariant[] };

export const invariants: readonly Invariant[] = [
  ...inboxInvariants,
  ...unreadInvariants,
  ...deskInvariants,
  ...jobInvariants,
  ...watchInvariants,
  ...relayInvariants,
  ...evidenceInvariants,
  ...registerInvariants,
  ...contactInvariants,
  ...accessInvariants,
  ...notificationInvariants,
  ...correspondenceInvariants,
  ...brokerInvariants,
  ...mailingInvariants,
  ...subscriptionInvariants,
];

/** What waits, for whoever runs the installation. */
export const queues: readonly Queue[] = [
  ...watchQueues,
  ...notificationQueues,
  ...correspondenceQueues,
  ...brokerQueues,
  ...eventQueues,
  ...inboxQueues,
  ...subscriptionQueues,
  ...unreadQueues,
  ...relayQueues,
  ...jobQueues,
];

/** What is built in for trying out is mounted in the sandbox only. */
export function routesOf(sandbox: Parameters<typeof sandboxRoutes>[0] | undefined): AnyRoute[] {
  return [
    ...healthRoutes,
    ...correspondenceRoutes,
    ...brokerRoutes,
    ...dialogRoutes,
    ...inboxRoutes,
    ...mailingRoutes,
    ...accessRoutes,
    ...notificationRoutes,
    ...contactRoutes,
    ...watchRoutes,
    ...relayRoutes,
    ...deskRoutes,
    ...coverageRoutes,
    ...unreadRoutes,
    ...operatorRoutes,
    ...(sandbox ? setupRoutes : []), // elsewhere clients are known to issuers that are not ours
    ...subscriptionRoutes,
    ...statisticsRoutes,
    ...fileStatisticsRoutes,
    ...(sandbox ? sandboxRoutes(sandbox) : []),
  ];
}

/** A stranger who says that a file is clean would have it published: in production only whoever shows the secret may. */
export function scanResultsOf({ MODE, SCAN_RESULTS_SECRET }: Config): readonly AnyRoute[] {
  if (MODE === 'production' && SCAN_RESULTS_SECRET === undefined) return [];
  return [...scanResultRoutes(SCAN_RESULTS_SECRET), ...fileScanResultRoutes(SCAN_RESULTS_SECRET)];
}

/** What workers do when it is given to them. */
export const jobs = [...correspondenceJobs, ...brokerJobs];

/** Calls that go from a lower feature to a higher one. */
export function connectFeatures(config: Config): void {
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
  onCalledOff.fill(noteCalledOff);
  onReports.fill(noteComeBack);
  whatIsToldTogether.fill(listToldTogether);
  onLabelsChanged.fill(async (tx, dialogs) => {
    touchInboxes(tx, dialogs);
    tx.afterCommit(inboxSweeper.wake);
  });
  onShipments.fill(tellOfNotifications);
  whichArePointless.fill(async (reader, notices) => {
    const [moved, lost, letters, digests] = await Promise.all([
      findMoved(reader, notices),
      findNoLongerTheirs(reader, notices),
      findPointlessNotices(reader, notices),
      findPointlessDigests(reader, notices),
    ]);
    return new Map<string, WhyNot>([...moved, ...lost, ...letters, ...digests]);
  });
  lettersForPaper.fill(lettersOnPaper);
  onNotStopped.fill(mailNotStopped);
  if (config.RELAY_DIR !== undefined || config.RELAY_SFTP_URL !== undefined) onRelay.fill(takeForPaper);
  if (config.KRR_URL !== undefined) onPeopleToTell.fill(awaitAnswers);
  if (config.MODE === 'production') return;
  fillImplicit({ parties: config.SANDBOX_IMPLICIT.includes('parties'), resources: config.SANDBOX_IMPLICIT.includes('resources') });
}

/** The guarantee that no watch stands on old access for more than a minute. */
const versionSweeper = sweeper({ name: 'watch.sweep-versions', everySeconds: 60, run: sweepVersions });

/** A municipality whose system has stopped fetching: nobody may be left who can open what was sent to it. */
const tellOfQuietMachines = (ctx: Context): Promise<number> =>
  noteQuietMachines(ctx, (tx) => announceAccessChanges(tx, { by: budstikkeItself, cause: 'not-seen' }));

/** What falls due in domain time. When the sandbox's clock stops at a due time, they run in this order: rights first, mail last. */
export const dueSweepers: readonly AnySweeper[] = [
  sweeper({ name: 'access.expire-grants', everySeconds: 60, run: expireGrants }),
  sweeper({ name: 'identity.note-quiet-machines', everySeconds: 60, run: tellOfQuietMachines }),
  sweeper({ name: 'access.time-out-requests', everySeconds: 60, run: timeOutRequests }),
  versionSweeper,
  ...correspondenceSweepers,
  ...brokerSweepers,
  ...mailingSweepers,
  ...contactSweepers,
  sweeper({ name: 'watch.take-due-steps', everySeconds: 1, run: takeDueSteps }),
  sweeper({ name: 'watch.freshen-mails', everySeconds: 30, run: freshenMails }),
  sweeper({ name: 'watch.tell-mails-again', everySeconds: 10, run: tellMailsAgain }),
  sweeper({ name: 'watch.tell-deleted-unread', everySeconds: 10, run: tellDeletedUnread }),
  ...relaySweepers,
  ...notificationSweepers,
  ...unreadSweepers,
  sweeper({ name: 'watch.sweep-causes', everySeconds: 60, run: sweepCauses }),
  ...subscriptionSweepers,
  inboxSweeper,
  sweeper({ name: 'statistics.make-due-report', everySeconds: 60, run: makeDueReport }),
];

/** Only where the sandbox's login is. */
export const loginSweeper = sweeper({ name: 'sandbox.sweep-logins', everySeconds: 60, run: sweepLogins });

/** What every process of whatever role runs: another may have moved the clock. */
export function clockSweeper(refreshClock: () => Promise<void>): AnySweeper {
  return sweeper({ name: 'db.refresh-clock', everySeconds: 5, run: refreshClock });
}

const alarmSweeper = sweeper({ name: 'unread.raise-alarms', everySeconds: 60, run: raiseAlarms });

/** What a process runs that only serves: whether workers are alive is seen by others than they. */
export const serveSweepers: readonly AnySweeper[] = [alarmSweeper, mailSweeper];

/** What a worker runs. */
export const workSweepers: readonly AnySweeper[] = [
  ...dueSweepers,
  alarmSweeper,
  sweeper({ name: 'watch.compare-causes', everySeconds: 60, run: compareCauses }), // looks for what nobody expects
  sweeper({ name: 'watch.take-up-owed', everySeconds: 60, run: takeUpOwed }),
  forgetSweeper,
  sessionSweeper,
  sweeper<Context & { blobs: Blobs }>({ name: 'blobs.sweep', everySeconds: 60, run: (ctx) => ctx.blobs.sweep(ctx) }),
];
