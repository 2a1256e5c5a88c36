import { createHash, timingSafeEqual } from 'node:crypto';
import { Gauge, Registry } from 'prom-client';
import { recent } from '#kernel/recent.ts';
import { refuse } from '#kernel/refusal.ts';
import { type CauseDrift, readCauseDrift, readWatchLag, type WatchLag } from '#watch/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { countOpen, type Health, readHealth } from '../store/metrics.ts';

type Figures = Health & { readonly drift: CauseDrift; readonly lag: WatchLag };

/** Gauge → what it tells, and out of what. No number is about one sender, recipient or service. */
const gauges: Readonly<Record<string, readonly [help: string, of: (figures: Figures) => number | null]>> = {
  budstikke_late_actions: ['Open watches whose next action is more than a minute late: must be 0', (h) => h.late],
  budstikke_ladder_drift_seconds: ['How far the ladder that is latest with its next action is behind', (f) => f.lag.seconds],
  budstikke_causes_mended: [
    'Stored causes that were not what the facts gave, since the database was made: stands still',
    (f) => f.drift.mended,
  ],
  budstikke_silent_watches: ['Open watches without a next action: must be 0', (h) => h.withoutAction],
  budstikke_oldest_step_seconds: ['For how long the oldest due step has waited', (h) => h.oldestStep],
  budstikke_oldest_notice_seconds: ['For how long the oldest due notice has waited', (h) => h.oldestNotice],
  budstikke_oldest_event_seconds: ['For how long the oldest untold event has waited', (h) => h.oldestEvent],
  budstikke_oldest_mail_seconds: ['For how long the oldest mail to a sender or the operator has waited', (h) => h.oldestMail],
  budstikke_notices_retried: ['Notices that a gateway has not taken, and that are tried again', (h) => h.retried],
  budstikke_notices_failed_last_hour: ['Notices that were given up within the last hour', (h) => h.failedLastHour],
  budstikke_days_since_statement: [
    'Days since the last day of which senders have statements: 1 when all is well, 2 just after midnight',
    (h) => h.statementDays,
  ],
  budstikke_broken_statements: ['Statements of the last week that do not add up: must be 0', (h) => h.brokenStatements],
};

const countRecently = recent(async ({ db }: UnreadContext) => {
  const figures: Figures = { ...(await readHealth(db)), drift: await readCauseDrift(db), lag: await readWatchLag(db) };
  return { counts: await countOpen(db), figures };
});

/** What a Prometheus reads, at most a minute old, by its own token. No personal data. Refuses metricsKeyWrong. */
export async function writeMetrics(ctx: UnreadContext, authorization: string | undefined): Promise<string> {
  if (ctx.metricsToken === undefined || !isSame(authorization ?? '', `Bearer ${ctx.metricsToken}`)) throw refuse(e.metricsKeyWrong);
  const registry = new Registry();
  const open = new Gauge({
    name: 'budstikke_open_watches',
    help: 'Post that is watched and not opened, by cause, age and kind',
    labelNames: ['cause', 'age', 'kind'],
    registers: [registry],
  });
  const { counts, figures } = (await countRecently(ctx)).answer;
  for (const { n, ...labels } of counts) open.set(labels, n);
  for (const [name, [help, of]] of Object.entries(gauges)) {
    const value = of(figures);
    const gauge = new Gauge({ name, help, registers: [registry] });
    if (value === null) registry.removeSingleMetric(name);
    else gauge.set(value);
  }
  return registry.metrics();
}

/** Compared by digest, so that the time it takes tells nothing of the token. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
