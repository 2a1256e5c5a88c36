import { statfs } from 'node:fs/promises';
import { readAmounts } from '#blobs/index.ts';
import { findViolations, operatorScope } from '#desk/index.ts';
import type { Caller } from '#kernel/context.ts';
import { recent } from '#kernel/recent.ts';
import { refuse } from '#kernel/refusal.ts';
import { readGateways } from '#notifications/index.ts';
import { operates } from '#session/index.ts';
import { readAlarms, readStatementState } from '#unread/index.ts';
import { readCauseDrift, readWatchLag } from '#watch/index.ts';
import type { OperatorContext } from './context.ts';
import { operatorErrors as e } from './errors.ts';
import { readDatabase, readQueues } from './store.ts';
import type { InstallationView } from './wire.ts';

const lookRecently = recent(look);

/**
 * How the installation stands: what waits and for how long, gateways, scans, storage, the rules that must always hold, and what runs.
 * Found out a minute ago at most, however many look. Nothing of it is about one sender, recipient or message. Refuses notOperator.
 */
export async function showInstallation(ctx: OperatorContext, caller: Caller): Promise<InstallationView> {
  if (!caller.scopes.has(operatorScope) && !(await operates(ctx, caller, ctx.operator))) throw refuse(e.notOperator);
  const { at, answer } = await lookRecently(ctx);
  return { at: at.toISOString(), ...answer };
}

/** One question after the other, so that looking never takes more than one connection. */
async function look(ctx: OperatorContext): Promise<Omit<InstallationView, 'at'>> {
  const { db, installation } = ctx;
  const { databaseBytes, ...database } = await readDatabase(db);
  const queues = await readQueues(db, ctx.queues);
  const lag = await readWatchLag(db);
  const drift = await readCauseDrift(db);
  const gateways = await readGateways(db);
  const amounts = await readAmounts(db);
  const statements = await readStatementState(db);
  const findings = await findViolations(db, ctx.invariants);
  const alarms = await readAlarms(db);
  return {
    version: installation.version,
    mode: installation.mode,
    ...database,
    queues,
    ladder: { late: lag.late, driftSeconds: lag.seconds, causesMended: drift.mended },
    gateways: gateways.map((each) => ({ ...each, lastTakenAt: each.lastTakenAt?.toISOString() ?? null })),
    storage: { databaseBytes, ...amounts, freeBytes: await freeBytesOf(installation.directory) },
    statements,
    invariants: findings.map(({ name, rows }) => ({ name, holds: rows.length === 0, violations: rows.length })),
    alarms: alarms.map(({ rule, since }) => ({ rule, since: since.toISOString() })),
  };
}

/** Null where it cannot be known. */
async function freeBytesOf(directory: string | null): Promise<number | null> {
  if (directory === null) return null;
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}
