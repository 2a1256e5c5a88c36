import { refuse } from '#kernel/refusal.ts';
import type { Facts, Reach, Rule } from '../facts.ts';
import * as attachments from './rules-of-attachments.ts';
import * as content from './rules-of-content.ts';
import * as notification from './rules-of-notification.ts';
import * as recipients from './rules-of-recipients.ts';

/**
 * The order in which a request is refused; the first that holds is what the client sees, so the order is part of the
 * contract. Numbers are those of compatibility.md, correspondence, §2.1. The shape (part A) has been checked before.
 */
export const checksOfRequest: readonly (readonly [number: string, rule: Rule<Facts>])[] = [
  ['B0', notification.templateUnknown],
  ['B1', recipients.keyWithManyRecipients],
  ['B2', recipients.keyUsed],
  ['B3', recipients.resourceUnknown],
  ['B4', recipients.mayNotSend],
  ['B5', recipients.resourceOfAnotherType],
  ['B6', recipients.callerUnknown],
  ['B7', recipients.confidentialityMisfit],
  ['B8', recipients.forwardingAboveLevelZero],
  ['B9', recipients.recipientTwice],
  ['B10', recipients.recipientUnknown],
];

/** From here on it is known who could open. */
export const checksOfReach: readonly (readonly [number: string, rule: Rule<Facts & Reach>])[] = [
  ['B11', recipients.nobodyCanOpen],
  ['B12', content.dueDateMissing],
  ['B13', recipients.onlyRecipientReserved],
  ['B14', content.dueDatePassed],
  ['B15', content.dueDateBeforePublish],
  ['B16', content.textsUnfit],
  ['B16', content.translationsUnfit],
  ['B17', content.messageSenderNotPlain],
  ['B18', content.transmissionTypeUnfit],
  ['B19', content.dialogUnfit],
  ['B20', attachments.existingMissing],
  ['B21', attachments.tooMany],
  ['B22', attachments.existingNotPublished],
  ['B23', attachments.tooLargeToForward],
  ['B24', attachments.fileUnfit],
  ['B25', attachments.expiresTooSoon],
  ['B26', attachments.existingExpiresSoon],
  ['B27', content.replyOptionUnfit],
  ['B28', recipients.recipientWithoutName],
  ['B29', notification.customRecipientUnfit],
  ['B29', notification.wordingIncomplete],
  ['B30', attachments.checksumUnfit],
];

/** Throws the first refusal that holds. */
export function check<F>(checks: readonly (readonly [string, Rule<F>])[], facts: F): void {
  for (const [number, rule] of checks) {
    const refusal = rule(facts);
    if (refusal) throw refuse(refusal.row, { ...refusal.facts, rule: number });
  }
}
