import type { Table } from '../table.ts';

/** What happened on one day. */
export interface Day {
  readonly date: string;
  readonly sent: number;
  /** Of what was sent: nobody can open it yet, but somebody could let them in. */
  readonly nobodyYet: number;
  /** Of what was sent: there is nobody at all. */
  readonly nobodyAtAll: number;
  /** Shipments that their senders were told of. */
  readonly told: number;
  readonly granted: number;
  readonly opened: number;
  readonly decided: number;
  /** Neither opened nor decided about, in the evening. */
  readonly open: number;
}

const columns: readonly { readonly key: keyof Day; readonly lines: readonly [string, string]; readonly width: number }[] = [
  { key: 'date', lines: ['', 'date'], width: 10 },
  { key: 'sent', lines: ['', 'sent'], width: 6 },
  { key: 'nobodyYet', lines: ['nobody can', 'open yet'], width: 12 },
  { key: 'nobodyAtAll', lines: ['nobody', 'at all'], width: 8 },
  { key: 'told', lines: ['sender', 'told'], width: 8 },
  { key: 'granted', lines: ['access', 'given'], width: 8 },
  { key: 'opened', lines: ['', 'opened'], width: 8 },
  { key: 'decided', lines: ['sender', 'decided'], width: 9 },
  { key: 'open', lines: ['open in the', 'evening'], width: 13 },
];

export function printHeading(table: Table): void {
  for (const n of [0, 1] as const) table.line(columns.map(({ lines, width }) => lines[n].padStart(width)).join(''));
  table.line('─'.repeat(columns.reduce((sum, { width }) => sum + width, 0)));
}

/** A day as a line; nothing for a day on which nothing happened. Noughts are left out, so that one sees what is there. */
export function printDay(table: Table, day: Day): void {
  const { date: _date, open: _open, ...happened } = day;
  if (Object.values(happened).every((n) => n === 0)) return;
  const cell = (key: keyof Day): string => String(day[key] === 0 && key !== 'open' ? '·' : day[key]);
  table.line(columns.map(({ key, width }) => cell(key).padStart(width)).join(''));
}

/** The sums of all days; `open` is that of the last. */
export function sumOf(days: readonly Day[], date: string): Day {
  const total = (key: Exclude<keyof Day, 'date'>): number => days.reduce((sum, day) => sum + day[key], 0);
  return {
    date,
    sent: total('sent'),
    nobodyYet: total('nobodyYet'),
    nobodyAtAll: total('nobodyAtAll'),
    told: total('told'),
    granted: total('granted'),
    opened: total('opened'),
    decided: total('decided'),
    open: days.at(-1)?.open ?? 0,
  };
}
