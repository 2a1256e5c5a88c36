import type { WriteStream } from 'node:tty';

/** What a command says: results on standard output, everything else on standard error. */
export interface Output {
  readonly isJson: boolean;
  /** A line of the result; none is printed with --json. */
  line(text: string): void;
  /** The result as it is, with --json. */
  json(value: unknown): void;
  /** What a person should know, and a script need not. */
  note(text: string): void;
  /** A bar that moves over a known number of bytes. */
  progress(what: string, totalBytes: number): Progress;
}

export interface Progress {
  at(bytes: number): void;
  /** Takes the bar away. */
  end(): void;
}

type Screen = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };

const everyMillis = { screen: 100, lines: 5000 } as const;

export function createOutput(
  isJson: boolean,
  screen: Screen = process.stderr,
  results: Pick<WriteStream, 'write'> = process.stdout,
): Output {
  let bar: string | undefined;
  const clear = (): void => {
    if (bar !== undefined) screen.write('\r\x1b[2K');
  };
  return {
    isJson,
    line(text) {
      if (isJson) return;
      clear();
      results.write(`${text}\n`);
      if (bar !== undefined) screen.write(bar);
    },
    json(value) {
      if (isJson) results.write(`${JSON.stringify(value)}\n`);
    },
    note(text) {
      clear();
      screen.write(`${text}\n`);
      if (bar !== undefined) screen.write(bar);
    },
    progress(what, totalBytes) {
      const begun = Date.now();
      let first: number | undefined;
      let told = 0;
      return {
        at(bytes) {
          const now = Date.now();
          first ??= bytes;
          const due = now - told >= (screen.isTTY ? everyMillis.screen : everyMillis.lines);
          if (!due && bytes < totalBytes) return;
          const line = describeProgress({ what, bytes, totalBytes, gained: bytes - first, seconds: (now - begun) / 1000 });
          if (screen.isTTY) {
            clear();
            bar = barOf(line, bytes, totalBytes, screen.columns ?? 80);
            screen.write(bar);
          } else if (!isJson && due && told > 0) screen.write(`${line}\n`);
          told = now;
        },
        end() {
          clear();
          bar = undefined;
        },
      };
    },
  };
}

interface Far {
  readonly what: string;
  readonly bytes: number;
  readonly totalBytes: number;
  /** Since it began, without what was there before. */
  readonly gained: number;
  readonly seconds: number;
}

/** Pure. Bytes, share, rate and time left. */
export function describeProgress({ what, bytes, totalBytes, gained, seconds }: Far): string {
  const share = totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100);
  const rate = seconds > 0 ? Math.max(0, gained) / seconds : 0;
  const left = rate > 0 ? `, ${describeSeconds((totalBytes - bytes) / rate)} left` : '';
  return `${what}  ${share} %  ${describeBytes(bytes)} of ${describeBytes(totalBytes)}, ${describeBytes(rate)}/s${left}`;
}

function barOf(line: string, bytes: number, totalBytes: number, columns: number): string {
  const room = Math.min(30, columns - line.length - 4);
  if (room < 8) return line.slice(0, columns - 1);
  const full = totalBytes === 0 ? room : Math.round((bytes / totalBytes) * room);
  return `${'█'.repeat(full)}${'░'.repeat(room - full)}  ${line}`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Pure. In the largest unit of which there is one whole. */
export function describeBytes(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** unit;
  return `${unit === 0 ? Math.round(amount) : amount.toFixed(amount < 10 ? 1 : 0)} ${units[unit]}`;
}

function describeSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
