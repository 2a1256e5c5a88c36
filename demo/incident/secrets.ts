import assert from 'node:assert/strict';
import type { Mail } from '../sink.ts';
import type { Shipment } from './plan.ts';

/** Words that stand in every title, every sentence of every text, every file's name and every file, and nowhere else. */
const marks = { title: 'Rognetittel', body: 'Vinterbrev', fileName: 'kvitveisfil', file: 'Klokkeinnhold' } as const;

export interface Secrets {
  readonly title: string;
  readonly body: string;
  readonly fileName: string;
  readonly file: string;
}

export function secretsOf({ story, n }: Pick<Shipment, 'story' | 'n'>): Secrets {
  const what = story === 'police' ? 'Bekymring for et barn' : 'Sak med taushetsplikt';
  return {
    title: `${marks.title}: ${what}`,
    body: `${marks.body} ${n}.`,
    fileName: `${marks.fileName}-${n}.txt`,
    file: `${marks.file} ${n}.`,
  };
}

/** Fails when a text holds anything of what a letter says, in its title, text or file. */
export function assertNothingOf(what: string, text: string): void {
  const lower = text.toLowerCase();
  for (const mark of Object.values(marks)) assert.ok(!lower.includes(mark.toLowerCase()), `${what} tells “${mark}”`);
}

/** As it is read, and as it came over the wire: whole lines, and what was encoded. */
export function assertMailTellsNothing({ subject, text, source }: Mail): void {
  const whole = source.replaceAll(/=\r?\n/g, '');
  const encoded = source.match(/(?:^[A-Za-z0-9+/]{20,}={0,2}\r?\n)+/gm) ?? [];
  const decoded = encoded.map((part) => Buffer.from(part, 'base64').toString('utf8'));
  for (const part of [subject, text, whole, ...decoded]) assertNothingOf('a mail', part);
}
