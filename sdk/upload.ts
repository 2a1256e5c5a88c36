import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Ask, isPassing } from './ask.ts';
import { FileChanged } from './download.ts';
import { Refused } from './refused.ts';
import { ConnectionLost } from './transport.ts';

/** What is sent. Its bytes may be read again, from anywhere. */
export interface Source {
  readonly sizeBytes: number;
  /** The bytes from `start` up to and without `end`. */
  read(start: number, end: number): Readable;
}

/** A part of a file on its way beside others. */
export interface Part {
  /** Where the server has it. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

export interface UploadOptions {
  /** Requests at once, each with a part of the file. */
  readonly parts?: number;
  /** Bytes of one request: what is sent again at most when it breaks off. */
  readonly chunkBytes?: number;
  /** Parts that an earlier attempt began. */
  readonly begun?: readonly Part[];
  /** Told when parts have begun, so that a later attempt can go on with them. */
  readonly onBegun?: (parts: readonly Part[]) => void | Promise<void>;
  /** Told how many bytes are there or on their way; less than before when some were lost. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

const usualChunkBytes = 32 * 1024 * 1024;
const leastPartBytes = 1024 * 1024;
/** A file takes no more requests than 50,000; some will be broken off. */
const mostRequests = 20_000;
const tus = { 'tus-resumable': '1.0.0' } as const;

interface Upload {
  readonly ask: Ask;
  readonly source: Source;
  readonly chunkBytes: number;
  /** Told where the part that begins at `start` has come to. */
  readonly reached: (start: number, position: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Brings the bytes of an announced transfer to the server by tus 1.0.0, and goes on with what an earlier attempt began, however that ended.
 * Each request carries the SHA-256 of its bytes behind them, computed while they are sent: what came otherwise is sent again. Resolves
 * when the server has the whole file; whether it is published shows in its status. Throws FileChanged when the source ends too soon.
 */
export async function uploadFile(ask: Ask, id: string, source: Source, options: UploadOptions = {}): Promise<void> {
  const { parts = 1, begun = [], onBegun, onProgress, signal } = options;
  const path = `/broker/api/v1/filetransfer/upload/tus/${id}`;
  const positions = new Map<number, number>();
  const upload: Upload = {
    ask,
    source,
    chunkBytes: Math.max(options.chunkBytes ?? usualChunkBytes, Math.ceil(source.sizeBytes / mostRequests)),
    reached: (start, position) => {
      positions.set(start, position - start);
      onProgress?.([...positions.values()].reduce((sum, bytes) => sum + bytes, 0));
    },
    signal,
  };
  const known = await offsetOf(upload, path);
  if (known?.lengthBytes === source.sizeBytes && known.offset === source.sizeBytes) return upload.reached(0, source.sizeBytes);
  const sideBySide = begun.length > 0 || (parts > 1 && source.sizeBytes >= 2 * leastPartBytes && known === undefined);
  if (sideBySide) return uploadParts(upload, path, { parts, begun, onBegun });
  if (known?.lengthBytes !== source.sizeBytes) await begin(upload, path, { 'upload-length': String(source.sizeBytes) });
  await uploadRange(upload, { path, start: 0, end: source.sizeBytes });
}

interface SideBySide {
  readonly onBegun: UploadOptions['onBegun'] | undefined;
  readonly parts: number;
  readonly begun: readonly Part[];
}

async function uploadParts(upload: Upload, path: string, { parts, begun, onBegun }: SideBySide): Promise<void> {
  const { source, ask } = upload;
  const one = new AbortController();
  const joined: Upload = { ...upload, signal: upload.signal ? AbortSignal.any([upload.signal, one.signal]) : one.signal };
  const ranges = begun.length > 0 ? begun : split(source.sizeBytes, parts);
  const beginPart = ({ start, end }: Omit<Part, 'path'>): Promise<string> =>
    begin(joined, path, { 'upload-concat': 'partial', 'upload-length': String(end - start) });
  const made: Part[] = [];
  for (const range of ranges) {
    const isThere = 'path' in range && (await offsetOf(joined, (range as Part).path)) !== undefined;
    made.push(isThere ? (range as Part) : { ...range, path: await beginPart(range) });
  }
  await onBegun?.(made);
  const running = made.map((part) =>
    uploadRange(joined, part).catch((error: unknown) => {
      one.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(running);
  await Promise.all(running);
  const { stream } = await ask.patiently({
    method: 'POST',
    path,
    headers: { ...tus, 'upload-concat': `final;${made.map((part) => part.path).join(' ')}` },
    signal: upload.signal,
  });
  stream.resume(); // what is not read keeps its connection, and the process with it, for as long as the server does
}

/** Pure. Ranges that make up a file, each of a size that is worth a request. */
export function split(sizeBytes: number, parts: number): { start: number; end: number }[] {
  const count = Math.max(1, Math.min(parts, Math.floor(sizeBytes / leastPartBytes)));
  const each = Math.ceil(sizeBytes / count);
  return Array.from({ length: count }, (_, i) => ({ start: i * each, end: Math.min(sizeBytes, (i + 1) * each) }));
}

/** Makes an upload, and gives its path. */
async function begin({ ask, signal }: Upload, path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const { headers: said, stream } = await ask.patiently({ method: 'POST', path, headers: { ...tus, ...headers }, signal });
  stream.resume();
  const location = said.location ?? path;
  return URL.canParse(location) ? new URL(location).pathname : location;
}

/** What the server has of an upload; undefined when there is none. */
async function offsetOf({ ask, signal }: Upload, path: string): Promise<{ offset: number; lengthBytes: number } | undefined> {
  try {
    const { headers, stream } = await ask.patiently({ method: 'HEAD', path, headers: tus, signal });
    stream.resume();
    const lengthBytes = Number(headers['upload-length']);
    return { offset: headers['upload-offset'] === undefined ? lengthBytes : Number(headers['upload-offset']), lengthBytes };
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw named(error);
  }
}

/** What HEAD is refused by has no words: all that it can be has a status of its own. Source: compatibility.md, broker, §4.2. */
function named(error: unknown): unknown {
  if (!(error instanceof Refused) || error.code !== undefined) return error;
  const [name, words] = refusalsOfHead[error.status as keyof typeof refusalsOfHead] ?? [];
  return name && error.refusal !== 'unauthenticated' ? new Refused(name, words!, { status: error.status, headers: {} }, {}) : error;
}

const refusalsOfHead = {
  400: ['checksumMismatch', 'the bytes that the server got are not those whose hashes were declared'],
  401: ['noAccess', 'the caller may not send this'],
  409: ['alreadyUploaded', 'the file transfer takes no more bytes'],
} as const;

/** Sends one range, request by request, from where the server is. Throws FileChanged when its source has fewer bytes than it said. */
async function uploadRange(upload: Upload, { path, start, end }: Part): Promise<void> {
  const length = end - start;
  let offset = (await offsetOf(upload, path))?.offset ?? 0;
  upload.reached(start, start + offset);
  for (let failures = 0; offset < length; ) {
    const to = Math.min(offset + upload.chunkBytes, length);
    try {
      offset = await sendChunk(upload, path, { start, offset, to });
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!isMended(error)) throw error;
      if (isPassing(error)) await upload.ask.waitAfter(error, failures, upload.signal);
      else if (failures > mostMendings) throw error;
      const there = await offsetOf(upload, path);
      if (there === undefined) throw error;
      if (there.offset > offset) failures = 0;
      offset = there.offset;
    }
    upload.reached(start, start + offset);
  }
}

/** Times in a row that bytes may come otherwise than they were sent, or to another place than the server is at. */
const mostMendings = 3;

/** Pure. Whether asking how far the upload is, and going on from there, may help. */
function isMended(error: unknown): boolean {
  return isPassing(error) || (error instanceof Refused && (error.refusal === 'offset' || error.refusal === 'checksum'));
}

async function sendChunk(
  { ask, source, reached, signal }: Upload,
  path: string,
  { start, offset, to }: { readonly start: number; readonly offset: number; readonly to: number },
): Promise<number> {
  let hash = createHash('sha256');
  async function* bytes(): AsyncGenerator<Buffer> {
    hash = createHash('sha256');
    let position = start + offset;
    for await (const chunk of source.read(start + offset, start + to) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
      position += chunk.length;
      reached(start, position);
    }
    if (position !== start + to) throw new FileChanged('the file became shorter while it was sent');
  }
  const { headers, stream } = await ask.once({
    method: 'PATCH',
    path,
    headers: {
      ...tus,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      trailer: 'Upload-Checksum',
      'upload-checksum-algorithm': 'sha256',
    },
    body: () => Readable.from(bytes(), { highWaterMark: 1 }),
    trailers: () => ({ 'Upload-Checksum': `sha256 ${hash.digest('base64')}` }),
    signal,
  });
  stream.resume();
  const at = Number(headers['upload-offset'] ?? to);
  if (at <= offset) throw new ConnectionLost('the server took none of the bytes');
  return at;
}
