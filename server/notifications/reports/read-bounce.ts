import type { RefusedReason } from '../ports.ts';
import type { DeliveryReport } from '../store/report.ts';

/**
 * Pure. What a delivery status notification (RFC 3464) says of a mail of ours: undefined when it is none, or names no Message-ID. A mail
 * that is merely late, or was handed to a server that reports no further, is no news: an empty list.
 */
export function readBounce(text: string): DeliveryReport[] | undefined {
  const unfolded = text.replaceAll('\r\n', '\n').replaceAll(/\n[ \t]+/g, ' ');
  const action = /^Action:\s*(\w+)/im.exec(unfolded);
  // The notification has a Message-ID of its own; the one of the mail that it speaks of comes after what it says of it.
  const returned = action && unfolded.slice(action.index);
  const messageId = returned && /^Message-ID:\s*(<[^<>\s]{3,250}>)/im.exec(returned)?.[1];
  if (!action || !messageId) return undefined;
  const word = action[1]!.toLowerCase();
  const outcome = word === 'failed' || word === 'delivered' ? word : undefined;
  if (!outcome) return [];
  const status = /^Status:\s*(\d)\.(\d+)\.(\d+)/im.exec(unfolded);
  const answer = /^Diagnostic-Code:\s*(.+)$/im.exec(unfolded)?.[1] ?? null;
  const reason = outcome === 'failed' ? reasonOf(status?.[2], status?.[3]) : null;
  return [{ notice: null, messageId, outcome, reason, answer }];
}

/** Source: RFC 3463, subject and detail of the status code; 1.7 and 1.8 are of the address that the mail came from. */
function reasonOf(subject = '', detail = ''): RefusedReason {
  if (subject === '1' && detail !== '7' && detail !== '8') return 'address-rejected';
  return subject === '2' && detail === '2' ? 'mailbox-full' : 'carrier-refused';
}
