/** A text that every part of the system can keep: PostgreSQL takes neither U+0000 nor half a surrogate pair. */
export function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** What the refusal of such a text says. */
export const unkeepableText = 'The text holds U+0000 or half a surrogate pair.';

/** True when every text in a parsed value is keepable, names of members included. Not recursive: a body may be deep. */
export function isKeepableThroughout(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') {
      if (!isKeepable(next)) return false;
    } else if (Array.isArray(next)) {
      for (const item of next) open.push(item);
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) open.push(name, member);
    }
  }
  return true;
}
