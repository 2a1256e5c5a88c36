/** What was pasted, taken apart: numbers of 9 or 11 digits, each once, and what is neither. */
export interface Pasted {
  readonly numbers: readonly string[];
  readonly odd: readonly string[];
}

/** A line, a comma, a semicolon or a tab ends a recipient; spaces inside a number do not count. */
export function readRecipients(text: string): Pasted {
  const pieces = text
    .split(/[\n,;\t]+/)
    .flatMap((piece) => (/^[\d\s]+$/.test(piece) ? apart(piece.trim()) : [piece.trim()]))
    .filter((piece) => piece !== '');
  const isNumber = (piece: string): boolean => /^(\d{9}|\d{11})$/.test(piece);
  return { numbers: [...new Set(pieces.filter(isNumber))], odd: [...new Set(pieces.filter((piece) => !isNumber(piece)))] };
}

/** `991 825 827` is one number; `991825827 974760673` are two. */
function apart(piece: string): string[] {
  const words = piece.split(/\s+/);
  const joined = words.join('');
  return words.length > 1 && (joined.length === 9 || joined.length === 11) ? [joined] : words;
}
