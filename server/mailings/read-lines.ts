import { isUtf8 } from 'node:buffer';

/** Of one line, without what ends it. */
export const longestLine = 65_536;

/** A line's text, or what is wrong with it before it is read. */
export type Line = { readonly text: string } | { readonly wrong: 'tooLong' | 'notJson' };

const newline = 0x0a;

/**
 * The lines of a stream, those that came together at once. What follows the last line end is a line of its own when the stream ends
 * well, and dropped when it breaks off: the error then follows the lines before it. Memory holds one line and one chunk at most.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const chunk of stream) {
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      kept.push(chunk.subarray(from, at));
      lines.push(lineOf(kept, keptBytes + at - from));
      kept = [];
      keptBytes = 0;
      from = at + 1;
    }
    const rest = chunk.subarray(from);
    keptBytes += rest.length;
    // Of a line that is too long already nothing more is kept but its length.
    if (keptBytes > longestLine + 1) kept = [];
    else if (rest.length > 0) kept.push(rest);
    if (lines.length > 0) yield lines;
  }
  if (keptBytes > 0) yield [lineOf(kept, keptBytes)];
}

function lineOf(parts: readonly Buffer[], sizeBytes: number): Line {
  if (sizeBytes > longestLine + 1) return { wrong: 'tooLong' };
  const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  if (!isUtf8(bytes)) return { wrong: 'notJson' };
  const text = bytes.toString('utf8');
  return text.length > longestLine && !text.endsWith('\r') ? { wrong: 'tooLong' } : { text };
}
