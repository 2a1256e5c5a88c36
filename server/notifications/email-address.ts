const special = String.raw`\s<>()[\],;:\\"@\p{Cc}`;
const mailbox = new RegExp(String.raw`^(?:[^${special}]+|"[^<>,;\\"@\p{Cc}\u2028\u2029]+")@[^${special}]+$`, 'u');

/**
 * Pure. One mailbox and nothing else: no list, no display name, no line break, no route. A local part in quotes may hold spaces; what
 * could pass for a second address, or for the end of this one, it may not. What a request may name and what a mail server gets to hear
 * are judged by this one rule.
 */
export function isOneMailbox(text: string): boolean {
  return text.length <= longestMailbox && mailbox.test(text);
}

/** RFC 5321 §4.5.3.1.3, less the brackets. */
const longestMailbox = 254;

/** Pure. The same but for its length, where a refusal of its own speaks of that. */
export function hasFormOfMailbox(text: string): boolean {
  return mailbox.test(text);
}
