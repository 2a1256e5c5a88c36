import { AssertionError } from 'node:assert';
import type { WriteStream } from 'node:tty';
import { inspect, styleText } from 'node:util';

/** One line of what happened: who did what, and how the demo knows. */
export interface Claim {
  readonly who: string;
  readonly what: string;
  /** Looks for itself, and says what it saw in a few words. Throws when it is not so. */
  readonly look: () => Promise<string>;
}

/** A notch in the stick of a message. */
export interface Notch {
  readonly at: Date;
  readonly what: string;
  readonly how: string;
}

/** The table of what happened, printed row by row as each becomes known. */
export interface Table {
  heading(title: string, text: string): void;
  /** A heading with the table's columns under it. */
  chapter(title: string, text: string): void;
  /** Prints the row when it is seen to be true; otherwise prints what was seen and throws. */
  row(who: string, what: string, look: Claim['look']): Promise<void>;
  /** The life of a message, newest at the top. */
  stick(title: string, notches: readonly Notch[]): void;
  /** What is being waited for; the line goes away by itself. */
  waiting(text: string): void;
  line(text: string): void;
  readonly rows: number;
}

/** A row that was not true. The table has already said so. */
export class RowNotTrue extends Error {
  override readonly name = 'RowNotTrue';
}

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
type Style = Parameters<typeof styleText>[0];

const gap = '  ';
const widths = { time: 8, who: 24 } as const;
const widest = 132;
const narrowest = 92;

export function createTable(output: Output = process.stdout): Table {
  const total = Math.min(widest, Math.max(narrowest, output.columns ?? 120));
  const rest = total - widths.time - widths.who - 4 * gap.length - 1;
  const columns = [1, widths.time, widths.who, Math.ceil(rest * 0.54), Math.floor(rest * 0.46)] as const;
  const colour = output.isTTY === true && !process.env.NO_COLOR;
  const paint = (style: Style, text: string): string => (colour ? styleText(style, text, { validateStream: false }) : text);
  let rows = 0;
  let isWaiting = false;

  const clear = (): void => {
    if (isWaiting) output.write('\r\x1b[2K');
    isWaiting = false;
  };
  const line = (text = ''): void => {
    clear();
    output.write(`${text.trimEnd()}\n`);
  };
  const print = (cells: readonly string[], styles: readonly (Style | undefined)[]): void => {
    const wrapped = cells.map((cell, i) => wrap(cell, columns[i] ?? 0));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    for (let n = 0; n < height; n++) {
      const painted = wrapped.map((lines, i) => {
        const padded = (lines[n] ?? '').padEnd(columns[i] ?? 0);
        const style = styles[i];
        return style ? paint(style, padded) : padded;
      });
      line(painted.join(gap));
    }
  };

  const heading = (title: string, text: string): void => {
    line();
    line(paint('bold', title));
    for (const wrapped of wrap(text, total)) line(paint('dim', wrapped));
  };

  return {
    get rows() {
      return rows;
    },
    line,
    waiting(text) {
      if (output.isTTY !== true) return;
      clear();
      output.write(paint('dim', `${' '.repeat(1 + gap.length)}… ${text}`.slice(0, total)));
      isWaiting = true;
    },
    heading,
    chapter(title, text) {
      heading(title, text);
      line();
      print(['', 'time', 'who', 'what happened', 'how we know'], ['dim', 'dim', 'dim', 'dim', 'dim']);
      line(paint('dim', columns.map((width) => '─'.repeat(width)).join(gap)));
    },
    async row(who, what, look) {
      rows += 1;
      try {
        const how = await look();
        print(['✓', clock(new Date()), who, what, how], ['green', 'dim', undefined, undefined, 'dim']);
      } catch (error) {
        print(['✗', clock(new Date()), who, what, 'NOT TRUE'], ['red', 'dim', undefined, undefined, 'red']);
        for (const text of seen(error)) for (const wrapped of wrap(text, total - 5)) line(`     ${paint('red', wrapped)}`);
        throw new RowNotTrue(`${who}: ${what}`, { cause: error });
      }
    },
    stick(title, notches) {
      line();
      line(`   ${paint('bold', title)}`);
      line();
      const times = notches.map(({ at }) => `${dayOf(notches[0]!.at, at)}${clock(at)}`);
      const width = Math.max(...times.map((time) => time.length));
      for (const [i, { what, how }] of [...notches.entries()].toReversed())
        line(`     ${paint('green', '┣━')} ${times[i]!.padStart(width)}  ${what.padEnd(28)}  ${paint('dim', how)}`);
      line(`     ${paint('green', '╹')}`);
    },
  };
}

/** The time of day in Norway, as a caseworker would write it. */
export function clock(at: Date): string {
  return at
    .toLocaleTimeString('nb-NO', { timeZone: 'Europe/Oslo', hour: '2-digit', minute: '2-digit', second: '2-digit' })
    .replaceAll('.', ':');
}

/** The day since the first notch, for a life that lasts longer than one. */
function dayOf(first: Date, at: Date): string {
  const days = Math.floor((at.getTime() - first.getTime()) / 86_400_000);
  return days === 0 ? '' : `day ${days}, `;
}

function seen(error: unknown): string[] {
  if (error instanceof AssertionError && !error.generatedMessage) return [error.message, ...compared(error)];
  if (error instanceof AssertionError) return compared(error);
  return [error instanceof Error ? error.message : String(error)];
}

function compared({ expected, actual }: AssertionError): string[] {
  const show = (value: unknown): string =>
    (typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY })).slice(0, 600);
  return [`expected  ${show(expected)}`, `saw       ${show(actual)}`];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const longer = lines[last] ? `${lines[last]} ${word}` : word;
    if (longer.length <= width || !lines[last]) lines[last] = longer;
    else lines.push(word);
  }
  return lines;
}
