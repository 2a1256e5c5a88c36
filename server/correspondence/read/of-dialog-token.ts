import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { findMessage, type Message } from '../store/message.ts';
import { messageOfDialog } from './dialog-id.ts';
import { mayAsRecipient } from './standing.ts';

/**
 * The message in whose dialog the caller's dialog token is good, while its holder may still read there; its recipient is the party that
 * the token speaks of (`p`). Undefined for every other token. Source: compatibility.md, correspondence, §9.2; platform, §5.3.
 */
export async function messageOfToken(reader: Reader, caller: Caller): Promise<Message | undefined> {
  if (caller.issuer !== 'dialog' || !caller.dialog) return undefined;
  const message = await findMessage(reader, messageOfDialog(caller.dialog.id));
  return message && (await mayAsRecipient(reader, caller, message)).permit ? message : undefined;
}
