const mostWords = 10;

/**
 * Pure. What is looked for, as beginnings of words that must all be there; null where nothing in it is a word. Whoever is still
 * typing finds what the whole word would find. Words hold letters and figures only, so that nothing in them is an operator.
 */
export function beginningsOf(text: string): string | null {
  if (/["]|(?:^|\s)-|\bor\b/i.test(text)) return null; // meant as it is written
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length === 0
    ? null
    : words
        .slice(0, mostWords)
        .map((word) => `${word.slice(0, 100)}:*`)
        .join(' & ');
}
