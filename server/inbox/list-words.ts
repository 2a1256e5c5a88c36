import { mayEach } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { partiesAsked } from './party.ts';
import { countWords } from './store/label.ts';
import type { WordList } from './wire.ts';

const most = 50;

/**
 * The words that readers have put on what came to a party, those that are on most first; of what the caller may read, for a word can say
 * what a letter is about. What was shared with somebody alone is not counted. Refuses personsOnly, partyNotYours.
 */
export async function listWords(ctx: Pick<Context, 'db'>, caller: Caller, query: { readonly party: string }): Promise<WordList> {
  const [party] = await partiesAsked(ctx.db, caller, query.party);
  const rows = await countWords(ctx.db, party!);
  const resources = [...new Set(rows.map(({ resource }) => resource))];
  const rights = await mayEach(
    ctx.db,
    resources.map((resource) => ({ caller, question: { action: 'read', resource, party: party! } })),
  );
  const readable = new Set(resources.filter((_, i) => rights[i]!.permit && rights[i]!.by === 'right'));
  const counts = new Map<string, number>();
  for (const { word, resource, count } of rows) if (readable.has(resource)) counts.set(word, (counts.get(word) ?? 0) + count);
  const labels = [...counts].map(([word, count]) => ({ word, count }));
  return { labels: labels.sort((a, b) => b.count - a.count || a.word.localeCompare(b.word, 'nb')).slice(0, most) };
}
