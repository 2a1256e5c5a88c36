/** Where somebody who waits can see how far it is come. */
export interface Progress {
  /** `share` is 0 to 1, where it is known. */
  show(what: string, share: number | undefined, rows: number): void;
  end(what: string, rows: number): void;
}

interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const width = 24;
const everyMillis = { terminal: 200, log: 10_000 } as const;

/** A bar on a terminal; elsewhere a line every ten seconds, and one when a part is done. */
export function createProgress(screen: Screen): Progress {
  const every = screen.isTTY ? everyMillis.terminal : everyMillis.log;
  let [part, began, shown] = ['', 0, 0];

  function rate(rows: number, now: number): string {
    const seconds = (now - began) / 1000;
    return `${rows} rows, ${seconds > 0 ? Math.round(rows / seconds) : rows} a second`;
  }

  function begin(what: string): number {
    const now = performance.now();
    if (what !== part) [part, began, shown] = [what, now, 0];
    return now;
  }

  return {
    show(what, share, rows) {
      const now = begin(what);
      if (now - shown < every) return;
      shown = now;
      const full = share === undefined ? 0 : Math.round(Math.min(1, share) * width);
      const bar =
        share === undefined ? '' : `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${String(Math.round(share * 100)).padStart(3)} %  `;
      const text = `${bar}${what}: ${rate(rows, now)}`;
      screen.write(screen.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
    },
    end(what, rows) {
      const text = `${what}: ${rate(rows, begin(what))}\n`;
      screen.write(screen.isTTY ? `\r\u001b[K${text}` : text);
    },
  };
}
