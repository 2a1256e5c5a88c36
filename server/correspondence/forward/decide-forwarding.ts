import { refuse } from '#kernel/refusal.ts';
import { hasFormOfMailbox } from '#notifications/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { isEmailAddress } from '../send/custom-recipients.ts';
import { isPlainText } from '../send/rules/text-rules.ts';
import { availableForRecipient, type MessageState } from '../states.ts';
import type { ForwardRequest } from './wire.ts';

const longestAddress = 1000;
const longestWords = 200;

export interface ForwardFacts {
  readonly state: MessageState;
  readonly readAt: Date | null;
  readonly allowForwarding: boolean;
}

/** Pure. An address as it is compared and stored. */
export function addressOf({ forwardTo }: ForwardRequest): string {
  return forwardTo.trim().toLowerCase();
}

/** Pure. Whether the letter may be sent on so, whoever it goes to; in the original's order. Source: compatibility.md, correspondence, §8.5. */
export function decideForwarding(message: ForwardFacts, request: ForwardRequest): void {
  if (!availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound);
  const address = addressOf(request);
  if (address.length > longestAddress && hasFormOfMailbox(address)) throw refuse(e.forwardAddressTooLong);
  if (!isEmailAddress(address)) throw refuse(e.customEmailInvalid); // the longer ones that no mail server takes, too
  if (!message.allowForwarding) throw refuse(e.forwardingNotAllowed);
  const words = request.forwardingText ?? '';
  if (words.length > longestWords) throw refuse(e.forwardingTextTooLong);
  if (!isPlainText(words)) throw refuse(e.forwardingTextNotPlain);
  if (message.readAt === null) throw refuse(e.forwardBeforeRead);
}
