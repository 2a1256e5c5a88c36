import { Readable } from 'node:stream';
import type { Caller } from '#kernel/context.ts';
import type { Change, InboxContext, Listener } from './context.ts';
import { partiesAsked } from './party.ts';
import { findFollowed } from './store/entry.ts';

const heartbeatMillis = 15_000;
/** What may wait for a page that does not read; more, and it is let go and comes again. */
const mostWaitingBytes = 64 * 1024;
/** A page that was away for longer asks for everything anew. */
const mostMissed = 1000;
type Headers = Readonly<Record<string, string | undefined>>;

/**
 * What changes in an inbox while its page is open, as Server-Sent Events: `post`, `opened` and `counts` with `{ party, id }`, each with
 * the number of what happened. A page that comes back with `Last-Event-ID` hears what it missed, or one `counts` without a party when
 * that is too much. It ends with the session, and tells nobody more than lists would: rights are asked for each change.
 *
 * Refuses personsOnly, partyNotYours. Throws Overloaded when too many listen.
 */
export async function listen(
  ctx: InboxContext,
  caller: Caller,
  { party }: { readonly party?: string },
  headers: Headers,
): Promise<Readable> {
  const parties = new Set<string>(await partiesAsked(ctx.db, caller, party));
  const followed = await findFollowed(ctx.db);
  const last = lastHeard(headers['last-event-id']);
  const isKnown = last !== undefined && last <= followed && followed - last <= mostMissed;
  const stream = new Readable({ read() {} });
  const write = (text: string): void => {
    if (stream.readableLength > mostWaitingBytes) stream.destroy();
    else if (!stream.destroyed && !stream.readableEnded) stream.push(text);
  };
  const tell = ({ number, kind, party: of, id }: Change): void =>
    write(`id: ${number}\nevent: ${kind}\ndata: ${JSON.stringify({ party: of, id })}\n\n`);
  const beat = setInterval(() => write(': still here\n\n'), heartbeatMillis);
  const listener: Listener = {
    parties,
    caller,
    heard: isKnown ? last : followed,
    tell,
    isStill: () => ctx.isStill(caller, headers),
    end: () => void stream.push(null),
  };
  stream.once('close', () => {
    clearInterval(beat);
    ctx.changes.remove(listener);
  });
  try {
    ctx.changes.add(listener);
  } catch (error) {
    stream.destroy();
    throw error;
  }
  write(`retry: 3000\nid: ${listener.heard}\n\n`);
  if (last !== undefined && !isKnown) tell({ number: followed, kind: 'counts', party: null, id: null });
  return stream;
}

function lastHeard(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
