import type { Caller } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { CorrespondenceId, FileTransferId } from '#kernel/ids.ts';
import { Refusal, refuse } from '#kernel/refusal.ts';
import { nameOfDecider } from '#watch/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { kindsOf, type PostKind } from '../policies.ts';
import { decideFile } from './decide-file.ts';
import { decidePost } from './decide-post.ts';
import type { DecisionAnswers, Decisions } from './wire.ts';

type Answer = DecisionAnswers['answers'][number];

/**
 * One decision about many pieces of post: each is decided by itself, in a transaction of its own, and answered by itself. Sent again after
 * a break it decides what is left. Of a file each recipient is decided about by itself; taken back it is from all that have not confirmed.
 * About messages decides whoever may send messages, about files whoever may send files. Refuses kindNotYours where it may neither.
 */
export async function decideMany(ctx: UnreadContext, caller: Caller, { items, ...said }: Decisions): Promise<DecisionAnswers> {
  const kinds = kindsOf(caller);
  if (!items.some((item) => kinds.includes(kindOf(item)))) throw refuse(e.kindNotYours);
  const wish = { ...said, name: await nameOfDecider(ctx.db, caller, said.name) };
  const answers: Answer[] = [];
  for (const item of items) answers.push(await decideOne(ctx, caller, item, wish));
  return { decided: answers.filter(({ error }) => error === null).length, answers };
}

/** A message has one recipient, and is named without it. */
const kindOf = ({ recipient }: Decisions['items'][number]): PostKind => (recipient ? 'file' : 'message');

async function decideOne(
  ctx: UnreadContext,
  caller: Caller,
  { id, recipient }: Decisions['items'][number],
  wish: Omit<Decisions, 'items'>,
): Promise<Answer> {
  const of = { id, recipient: recipient ?? null };
  try {
    if (recipient) {
      const { outcome, resentAs } = await decideFile(ctx, caller, { id: id as FileTransferId, recipient }, wish);
      return { ...of, outcome, resentAs, error: null };
    }
    if (!kindsOf(caller).includes('message')) throw refuse(e.notForMessages);
    const { outcome, resentAs } = await decidePost(ctx, caller, id as CorrespondenceId, wish);
    return { ...of, outcome, resentAs, error: null };
  } catch (error) {
    return { ...of, outcome: null, resentAs: null, error: errorOf(ctx, id, error) };
  }
}

function errorOf({ log }: UnreadContext, id: string, error: unknown): NonNullable<Answer['error']> {
  if (error instanceof Refusal) return { code: `${error.row.prefix}-${String(error.row.code).padStart(5, '0')}`, text: error.message };
  log.error({ id, ...describeFault(error) }, 'a decision among many failed');
  return { code: 'BUD-09719', text: e.notDecidedNow.text };
}
