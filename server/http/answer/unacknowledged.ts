import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** A connection as the kernel's table of sockets names it: our port, and the address and port of the other side. */
export type Line = string;

/**
 * Bytes that were given to the kernel and that the other side has not acknowledged; `gone` when there is no such connection any more;
 * undefined where the kernel does not tell.
 */
export type Unacknowledged = number | 'gone' | undefined;

interface Told {
  readonly bytes: number;
  /** The other side has ended it, and we have not. */
  readonly isEnded: boolean;
}

type Table = ReadonlyMap<Line, Told>;

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
/** Of processor time, which a connection takes in the tables; at most a tenth of the time goes to reading them, however busy the machine is. */
const rowMillis = 0.004;
const restOfReading = 9;
const leastRestMillis = 20;

/** FIN_WAIT1, CLOSING and LAST_ACK: the end of the stream waits to be acknowledged too, and counts as a byte. */
const withEnd = new Set(['04', '0B', '09']);
const closeWait = '08';

/** While the connection stands: afterwards it does not know its ports any more. Undefined for what is no TCP connection. */
export function lineOf({
  localPort,
  remotePort,
  remoteAddress,
}: Pick<Socket, 'localPort' | 'remotePort' | 'remoteAddress'>): Line | undefined {
  const bytes = remoteAddress === undefined ? undefined : bytesOf(remoteAddress);
  if (localPort === undefined || remotePort === undefined || !bytes) return undefined;
  return `${hexOf(localPort)} ${wordsOf(bytes)}:${hexOf(remotePort)}`;
}

const hexOf = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** Pure. Four bytes or sixteen; undefined for what is no address. */
function bytesOf(address: string): number[] | undefined {
  if (isIP(address) === 0) return undefined;
  const [, before = '', v4] = /^(.*?)(\d+\.\d+\.\d+\.\d+)?$/.exec(address.replace(/%.*$/, ''))!;
  const last = v4?.split('.').map(Number) ?? [];
  if (before === '') return last;
  const [head = '', tail] = before.split('::');
  const groups = (text: string): number[] =>
    text.split(':').flatMap((one) => (one === '' ? [] : [Number.parseInt(one, 16) >> 8, Number.parseInt(one, 16) & 0xff]));
  const [first, rest] = [groups(head), [...groups(tail ?? ''), ...last]];
  return [...first, ...Array(16 - first.length - rest.length).fill(0), ...rest];
}

/** The table prints each four bytes as a number of the machine's own order. */
function wordsOf(bytes: readonly number[]): string {
  const words = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.slice(i * 4, i * 4 + 4));
  const ordered = words.flatMap((word) => (endianness() === 'LE' ? word.toReversed() : word));
  return Buffer.from(ordered).toString('hex').toUpperCase();
}

let next: Promise<Table | undefined> | undefined;
let rests: Promise<unknown> = Promise.resolve();

let hurried: Promise<Table | undefined> | undefined;

/** The same without waiting for the table's rest: at a stop, when nobody asks again. */
export async function unacknowledgedNow(line: Line): Promise<Unacknowledged> {
  hurried ??= readTables().finally(() => {
    hurried = undefined;
  });
  const told = await hurried;
  return told && (told.get(line)?.bytes ?? 'gone');
}

export async function unacknowledged(line: Line): Promise<Unacknowledged> {
  const told = await lookUp();
  return told && (told.get(line)?.bytes ?? 'gone');
}

/**
 * Whether the other side has ended a connection of which nothing is read at the moment, so that we were not told. False where the kernel
 * does not tell, and while the end lies behind more than the kernel takes ahead.
 */
export async function hasEnded(socket: Socket): Promise<boolean> {
  const line = lineOf(socket);
  return line !== undefined && ((await lookUp())?.get(line)?.isEnded ?? false);
}

/** Asked at once by many it is read once. */
function lookUp(): Promise<Table | undefined> {
  next ??= rests.then(() => {
    next = undefined;
    const reading = readTables();
    rests = reading.then((told) =>
      sleep(Math.max(leastRestMillis, restOfReading * rowMillis * (told?.size ?? 0)), undefined, { ref: false }),
    );
    return reading;
  });
  return next;
}

/** Undefined where there is no such table, or an empty one. */
async function readTables(): Promise<Table | undefined> {
  const found = new Map<Line, Told>();
  for (const text of await Promise.all(tables.map((path) => readFile(path, 'latin1').catch(() => '')))) readTable(text, found);
  return found.size === 0 ? undefined : found;
}

/** Pure but for `found`. Rows of `proc(5)`: ` 12: 0100007F:1F90 0100007F:D2F4 01 00000000:00000000 …`. */
export function readTable(text: string, found: Map<Line, Told>): void {
  for (const row of text.split('\n')) {
    const [, local, remote, state, queues] = row.trim().split(' ', 5);
    if (!queues || !local!.includes(':')) continue;
    const bytes = Number.parseInt(queues, 16) - (withEnd.has(state!) ? 1 : 0);
    const line = `${local!.slice(local!.indexOf(':') + 1)} ${remote}`;
    const before = found.get(line);
    found.set(line, { bytes: Math.max(bytes, before?.bytes ?? 0), isEnded: state === closeWait || before?.isEnded === true });
  }
}
