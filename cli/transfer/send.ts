import { createReadStream, type Stats, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Announcement, type Overview, Refused, type Source, type Transfers } from '../../sdk/index.ts';
import { ToldError } from '../told-error.ts';
import { organizationId } from './connect.ts';
import { hashFile, readBytes } from './hash-file.ts';
import { describeBytes, type Output } from './output.ts';
import { type Remembered, type StateFile, stateFileOf } from './state-file.ts';

export interface SendOptions {
  readonly url: string;
  readonly resource: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly reference?: string;
  readonly property: Readonly<Record<string, string>>;
  readonly parts: number;
  /** MiB of one request. */
  readonly chunk: number;
  /** MiB a second at most. */
  readonly rate?: number;
  /** False with --no-scan. */
  readonly scan: boolean;
  /** False with --no-resume. */
  readonly resume: boolean;
  /** Seconds that a scan may take. */
  readonly wait: number;
}

export interface Sent {
  readonly file: string;
  readonly fileTransferId: string;
  readonly status: string;
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
  readonly resumed: boolean;
}

/** A file that is sent. Until `done` is called the same command finds it again instead of sending it anew. */
export interface Sending {
  readonly sent: Sent;
  readonly done: () => void;
}

/** What failed after it was uploaded: it was found to be malware, for instance. */
export class NotPublished extends Error {
  override readonly name = 'NotPublished';
}

/**
 * Sends one file, or goes on with it where the same command was broken off. Its hashes are computed first and declared, so that the server
 * compares what it got. Refuses (ToldError) what is no file; throws what the server refuses, and NotPublished.
 */
export async function sendFile(transfers: Transfers, path: string, options: SendOptions, output: Output): Promise<Sending> {
  const stats = statOf(path);
  const file = resolve(path);
  const wish = announcementOf(file, options);
  const state = stateFileOf({ url: new URL(options.url).href, file, ...wish });
  const begun = options.resume ? await findBegun(transfers, state, stats) : undefined;
  if (begun?.overview.published) return sentBefore(path, begun, { state, output });
  const known = begun?.known;
  const going = known ?? (await announce(transfers, { file, wish, stats, state }, output));
  if (known) output.note(`${basename(file)}: goes on with file transfer ${known.fileTransferId}`);

  const bar = output.progress(`sends ${basename(file)}`, stats.size);
  try {
    await transfers.upload(going.fileTransferId, sourceOf(file, stats, options.rate), {
      parts: options.parts,
      chunkBytes: options.chunk * 1024 * 1024,
      begun: going.parts,
      onBegun: (parts) => state.write({ ...going, parts }),
      onProgress: bar.at,
    });
  } catch (error) {
    // What the server will not take any more is not gone on with the next time.
    if (error instanceof Refused && over.has(error.refusal)) state.remove();
    throw error;
  } finally {
    bar.end();
  }
  const { fileTransferStatus, fileTransferStatusText } = await untilPublished(transfers, going.fileTransferId, options.wait);
  if (fileTransferStatus === 'UploadStarted')
    throw new ToldError(`${path} is uploaded, and the server has not finished it yet. Run the same command again.`);
  if (fileTransferStatus === 'Failed') {
    state.remove();
    throw new NotPublished(`${path} was not taken: ${fileTransferStatusText}`);
  }
  const { fileTransferId, sizeBytes, md5, sha256 } = going;
  const sent = { file: path, fileTransferId, status: fileTransferStatus, sizeBytes, md5, sha256, resumed: known !== undefined };
  return { sent, done: state.remove };
}

const over = new Set<string>(['checksumMismatch', 'alreadyUploaded', 'transferNotFound', 'fileTooLarge']);

const told: Readonly<Record<string, string>> = {
  UploadProcessing: 'sent, and waits for its scan',
  Cancelled: 'sent before, and taken back since',
  Purged: 'sent before',
};

export function describeSent({ file, fileTransferId, status, sizeBytes, sha256 }: Sent): string {
  const how = told[status] ?? 'sent';
  return `${file}: ${how}\n  file transfer ${fileTransferId}\n  ${describeBytes(sizeBytes)}, SHA-256 ${sha256}`;
}

function statOf(path: string): Stats {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return stats;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ToldError(code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${code}).`);
  }
  throw new ToldError(`${path} is not a file.`);
}

function announcementOf(file: string, { resource, from, to, reference, property, scan }: SendOptions): Announcement {
  return {
    fileName: basename(file),
    resourceId: resource,
    sender: organizationId(from),
    recipients: to.map(organizationId),
    ...(reference === undefined ? {} : { sendersFileTransferReference: reference }),
    propertyList: property,
    ...(scan ? {} : { disableVirusScan: true }),
  };
}

interface New {
  readonly file: string;
  readonly wish: Announcement;
  readonly stats: Stats;
  readonly state: StateFile;
}

async function announce(transfers: Transfers, { file, wish, stats, state }: New, output: Output): Promise<Remembered> {
  const bar = output.progress(`reads ${basename(file)}`, stats.size);
  const { md5, sha256 } = await hashFile(file, bar.at).finally(bar.end);
  const fileTransferId = await transfers.announce({ ...wish, checksum: md5, checksumSha256: sha256 });
  const made = { fileTransferId, sizeBytes: stats.size, changedAtMillis: stats.mtimeMs, md5, sha256, parts: [] };
  state.write(made);
  return made;
}

interface Begun {
  readonly known: Remembered;
  readonly overview: Overview;
}

/** What was begun with this very file: it was sent, or can be gone on with. */
async function findBegun(transfers: Transfers, state: StateFile, stats: Stats): Promise<Begun | undefined> {
  const known = state.read();
  if (known?.sizeBytes !== stats.size || known.changedAtMillis !== stats.mtimeMs) return undefined;
  try {
    const overview = await transfers.look(known.fileTransferId);
    const isOver = ['Failed', 'Purged', 'Cancelled'].includes(overview.fileTransferStatus);
    return isOver && !overview.published ? undefined : { known, overview };
  } catch (error) {
    if (error instanceof Refused && error.refusal === 'transferNotFound') return undefined;
    throw error;
  }
}

/** It was published, whatever has become of it since: fetched and purged, taken back. It is not sent again. Throws NotPublished for what is malware. */
function sentBefore(
  path: string,
  { known, overview }: Begun,
  { state, output }: { readonly state: StateFile; readonly output: Output },
): Sending {
  const { fileTransferId, sizeBytes, md5, sha256 } = known;
  const { fileTransferStatus: status, fileTransferStatusText } = overview;
  if (status === 'Failed') {
    state.remove();
    throw new NotPublished(`${path} was sent before and has failed since: ${fileTransferStatusText}`);
  }
  output.note(`${basename(path)}: was sent before as file transfer ${fileTransferId}, which is ${status} (--no-resume sends it anew)`);
  return { sent: { file: path, fileTransferId, status, sizeBytes, md5, sha256, resumed: true }, done: state.remove };
}

function sourceOf(file: string, { size }: Stats, rate: number | undefined): Source {
  const readRange = (start: number, end: number): Readable => createReadStream(file, { start, end: end - 1, highWaterMark: readBytes });
  if (rate === undefined) return { sizeBytes: size, read: readRange };
  const pace = paceOf(rate * 1024 * 1024);
  async function* slowly(bytes: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      await pace(chunk.length);
      yield chunk;
    }
  }
  return { sizeBytes: size, read: (start, end) => Readable.from(slowly(readRange(start, end))) };
}

/** Waits until so many bytes more are no faster than the rate. */
function paceOf(bytesPerSecond: number): (bytes: number) => Promise<void> {
  const begun = performance.now();
  let all = 0;
  return async (bytes) => {
    all += bytes;
    const early = (all / bytesPerSecond) * 1000 - (performance.now() - begun);
    if (early > 0) await sleep(early);
  };
}

async function untilPublished(transfers: Transfers, id: string, seconds: number): Promise<Overview> {
  const until = Date.now() + seconds * 1000;
  for (let pause = 100; ; pause = Math.min(2000, pause * 2)) {
    const overview = await transfers.look(id);
    if (!['UploadStarted', 'UploadProcessing'].includes(overview.fileTransferStatus) || Date.now() >= until) return overview;
    await sleep(pause);
  }
}
