const special = String.raw`\s<>()[\],;:\\"@\p{Cc}`;
const dotted = String.raw`[^${special}.]+(?:\.[^${special}.]+)*`;
const mailbox = new RegExp(String.raw`^(?:${dotted}|"[^<>,;\\"@\p{Cc}\u2028\u2029]+")@${dotted}$`, 'u');

/**
 * Pure. One mailbox and nothing else: no list, no display name, no line break, no route. A local part in quotes may hold spaces; what
 * could pass for a second address, or for the end of this one, it may not. What a request may name and what a mail server gets to hear
 * are judged by this one rule.
 */
export function isOneMailbox(text: string): boolean {
  if (text.length > longest.mailbox || !mailbox.test(text)) return false;
  const at = text.lastIndexOf('@');
  return (
    at <= longest.local &&
    text
      .slice(at + 1)
      .split('.')
      .every((label) => label.length <= longest.label)
  );
}

/** RFC 5321 §4.5.3.1 (a mailbox is a path less its brackets), RFC 1035 §2.3.4. */
const longest = { mailbox: 254, local: 64, label: 63 } as const;

/** Pure. The same but for its length, where a refusal of its own speaks of that. */
export function hasFormOfMailbox(text: string): boolean {
  return mailbox.test(text);
}
