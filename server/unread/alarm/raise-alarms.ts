import { findViolations } from '#desk/index.ts';
import { newId } from '#kernel/ids.ts';
import type { UnreadContext } from '../context.ts';
import { saveMails } from '../store/mail.ts';
import { listAlarms, saveAlarms } from '../store/metrics.ts';

/**
 * Asks everything that must always hold. What does not is a line in the log each minute, with the first id that breaks it; and one mail to
 * the operator, where one is named, when it begins and when it is over. The mail names rules and nothing else. Run by the sweeper.
 */
export async function raiseAlarms(ctx: UnreadContext): Promise<void> {
  const broken = (await findViolations(ctx.db, ctx.invariants)).filter(({ rows }) => rows.length > 0);
  for (const { name, rows } of broken)
    ctx.log.error({ invariant: name, violations: rows.length, first: Object.values(rows[0]!)[0] }, 'invariant broken');
  const names = [...new Set(broken.map(({ name }) => name))];
  await ctx.db.transaction(async (tx) => {
    const known = await listAlarms(tx);
    const begun = names.filter((name) => !known.includes(name));
    const over = known.filter((name) => !names.includes(name));
    if (begun.length + over.length === 0) return;
    const at = ctx.now();
    saveAlarms(tx, begun, over, at);
    if (ctx.alarmEmail === undefined) return;
    const body = [...begun.map((name) => `Holder ikke lenger: ${name}`), ...over.map((name) => `Holder igjen: ${name}`)].join('\n');
    const subject =
      begun.length > 0 ? `Budstikke: ALARM, ${names.length} regler holder ikke` : `Budstikke: ${over.length} regler holder igjen`;
    saveMails(tx, [
      { id: newId(), address: ctx.alarmEmail, subject, body: `${body}\n\n${ctx.publicUrl}/budstikke/v1/watch/invariants`, file: null, at },
    ]);
  });
}
