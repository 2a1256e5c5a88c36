import { findResources } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Language, oneLine } from '#notifications/index.ts';
import { listUnopenedConfidential } from '#watch/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { messageOfToken } from '../read/of-dialog-token.ts';
import { listSenderNames } from '../store/reminder.ts';
import { confidentialTexts } from './confidential-texts.ts';

const sevenDays = 7 * 24 * 3600 * 1000;
const mostLines = 100;

/**
 * What confidential post has lain unopened with the caller's party, of a dialog token with the party of its dialog, for more than seven days: whose it is, of which day, and which
 * access opens it; never what it says. It is read off the watch each time, so that it names what nobody has opened and nothing else:
 * a look at overview or details takes nothing from it, and nothing has to be withdrawn. The reminder by mail is the ladder's.
 *
 * Refuses callerUnknown, noUnreadConfidential. Source: compatibility.md, correspondence, §8.2.
 */
export async function listConfidential(ctx: Context, caller: Caller, language: Language): Promise<string> {
  const party = caller.issuer === 'dialog' ? (await messageOfToken(ctx.db, caller))?.recipientId : caller.party;
  if (!party) throw refuse(e.callerUnknown);
  const before = new Date(ctx.now().getTime() - sevenDays);
  const found = await listUnopenedConfidential(ctx.db, { party, before, limit: mostLines + 1 });
  if (found.length === 0) throw refuse(e.noUnreadConfidential);
  const shown = found.slice(0, mostLines);
  const [senders, resources] = await Promise.all([
    listSenderNames(
      ctx.db,
      shown.map(({ about }) => about as CorrespondenceId),
    ),
    findResources(ctx.db, [...new Set(shown.map(({ resource }) => resource))]),
  ]);
  const texts = confidentialTexts[language];
  const lines = shown.map(({ about, resource, publishedAt }, i) => {
    const title = resources.get(resource)?.title;
    const service = (title && (title[language] ?? title.nb)) || resource;
    // One line each: what a sender calls itself cannot pass for another item.
    const sender = oneLine(senders.get(about as CorrespondenceId) ?? '');
    return `${i + 1}. ${texts.line({ sender, day: dayOf(publishedAt), service: oneLine(service) })}`;
  });
  const more = found.length > mostLines ? [texts.more] : [];
  return [texts.intro, lines.join('\n'), ...more, texts.closing].join('\n\n');
}

const oslo = new Intl.DateTimeFormat('nb-NO', { timeZone: 'Europe/Oslo', day: '2-digit', month: '2-digit', year: 'numeric' });

/** The day in Norway: `05.02.2026`. */
function dayOf(at: Date): string {
  return oslo.format(at);
}
