import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
import type { Blobs } from '#blobs/index.ts';
import type { BlobKey } from '#kernel/ids.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { type Disposition, parseDisposition } from '../answer/disposition.ts';
import { bodyChunks } from './body.ts';
import type { Field } from './form-shape.ts';
import { type Misfit, misfit } from './refused.ts';
import { isKeepable, unkeepableText } from './text.ts';

/** What one form may hold. */
export interface FormLimits {
  /** A larger file is kept to one byte more than this, so that the feature sees that it is too large and refuses in its own words and order. */
  readonly fileBytes: number;
  /** All fields together. */
  readonly fieldBytes: number;
  readonly files: number;
  readonly parts: number;
}

export const formLimits: FormLimits = { fileBytes: 2_000_000_000, fieldBytes: 4 * 1024 * 1024, files: 200, parts: 5000 };

const nameBytes = 1024;
const partHeaderBytes = 16 * 1024;

/** A form as it came: its fields in order, and its files, stored under keys that nobody refers to yet. */
export interface Form {
  readonly fields: readonly Field[];
  readonly files: readonly ReceivedFile[];
}

const malformed = (why: string): Misfit => misfit('', `The form cannot be read: ${why}.`);

function boundaryOf(contentType: string): string {
  const match = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2] ?? '';
  if (boundary === '' || boundary.length > 70) throw malformed('its content type names no boundary of 1 to 70 characters');
  return boundary;
}

/**
 * Reads `multipart/form-data` to its end, each file streamed to the blob store as it comes. Parts may come in any order; one
 * with a file name is a file, any other a field, whatever its own content type. Throws `Misfit` for a form that is malformed
 * or past its limits, and the stream's error when it breaks off; no file is kept then.
 *
 * Source: compatibility.md, correspondence, §3.
 */
export async function readForm(request: IncomingMessage, blobs: Blobs, limits: FormLimits = formLimits): Promise<Form> {
  const reading = new FormReading(boundaryOf(request.headers['content-type'] ?? ''), blobs, limits);
  try {
    return await reading.run(bodyChunks(request, Number.POSITIVE_INFINITY));
  } catch (error) {
    await reading.undo();
    throw error;
  }
}

type PartHeader = Readonly<Record<string, readonly string[] | undefined>>;

/** One form on its way in. Parts are worked on as they come; the first that fails fails the whole. */
class FormReading {
  readonly #parser: Dicer;
  readonly #blobs: Blobs;
  readonly #limits: FormLimits;
  readonly #parts: Readable[] = [];
  readonly #work: Promise<void>[] = [];
  readonly #fields: (Field | undefined)[] = [];
  readonly #files: (ReceivedFile | undefined)[] = [];
  readonly #failure = Promise.withResolvers<never>();
  readonly #finished = Promise.withResolvers<void>();
  #headers = 0;
  #fieldBytes = 0;
  #fileCount = 0;

  constructor(boundary: string, blobs: Blobs, limits: FormLimits) {
    this.#blobs = blobs;
    this.#limits = limits;
    this.#failure.promise.catch(() => {}); // heeded by whoever waits; nobody may be waiting yet
    const config = { boundary, maxHeaderSize: partHeaderBytes };
    this.#parser = new Dicer(config);
    this.#parser.on('part', (part) => this.#takePart(part));
    this.#parser.on('error', () => this.#fail(malformed('it ends too early')));
    this.#parser.on('finish', () => this.#finished.resolve());
  }

  async run(chunks: AsyncIterable<Buffer>): Promise<Form> {
    for await (const chunk of chunks) await this.#feed(chunk);
    if (this.#parser.writable) this.#parser.end();
    await Promise.race([this.#finished.promise, this.#failure.promise]);
    if (this.#headers < this.#parts.length) throw malformed('a part has no header');
    await Promise.race([Promise.all(this.#work), this.#failure.promise]);
    const present = <T>(one: T | undefined): one is T => one !== undefined;
    return { fields: this.#fields.filter(present), files: this.#files.filter(present) };
  }

  /** Ends all work and removes what it has stored. */
  async undo(): Promise<void> {
    for (const part of this.#parts) part.destroy(new Error('the form was given up'));
    await Promise.allSettled(this.#work);
    const keys = this.#files.flatMap((file) => (file ? [file.key as BlobKey] : []));
    await Promise.allSettled(keys.map((key) => this.#blobs.remove(key)));
  }

  /** Hands over a chunk and waits until there is room for the next. What follows the last boundary is not read. */
  #feed(chunk: Buffer): Promise<void> {
    if (!this.#parser.writable) return Promise.resolve();
    const room = new Promise<void>((resolve) => this.#parser.write(chunk, () => resolve()));
    return Promise.race([room, this.#failure.promise, this.#finished.promise]);
  }

  #fail(error: unknown): void {
    this.#failure.reject(error);
  }

  #takePart(part: Readable): void {
    part.on('error', () => {}); // told by the parser as well
    const index = this.#parts.push(part) - 1;
    if (index >= this.#limits.parts) {
      this.#fail(malformed(`it has more than ${this.#limits.parts} parts`));
      return;
    }
    part.on('header', (header: PartHeader) => {
      this.#headers += 1;
      this.#work.push(this.#readPart(part, index, header).catch((error) => this.#fail(error)));
    });
  }

  async #readPart(part: Readable, index: number, header: PartHeader): Promise<void> {
    const disposition = parseDisposition(header['content-disposition']?.[0] ?? '');
    if (!disposition) throw malformed('a part has no content disposition with a name');
    if (disposition.name.length > nameBytes) throw malformed(`a name is longer than ${nameBytes}`);
    if (!isKeepable(disposition.name) || !isKeepable(disposition.fileName ?? '')) throw misfit('', unkeepableText);
    const { name, fileName } = disposition;
    if (fileName !== undefined) return this.#receiveFile(part, index, { name, fileName });
    this.#fields[index] = [name, await this.#readField(part, name, header['content-type']?.[0] ?? '')];
  }

  async #receiveFile(part: Readable, index: number, { name, fileName }: Disposition & { fileName: string }): Promise<void> {
    this.#fileCount += 1;
    if (this.#fileCount > this.#limits.files) throw malformed(`it has more than ${this.#limits.files} files`);
    const fieldName = name.toLowerCase().replace(/^request\./, '');
    const most = this.#limits.fileBytes + 1;
    const stored = await this.#blobs.receive(Readable.from(firstBytes(part, most), { objectMode: false }), { maxBytes: most });
    this.#files[index] = { fieldName, fileName, ...stored };
  }

  async #readField(part: Readable, name: string, contentType: string): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of part as AsyncIterable<Buffer>) {
      this.#fieldBytes += chunk.length;
      if (this.#fieldBytes > this.#limits.fieldBytes) throw malformed(`its fields hold more than ${this.#limits.fieldBytes} bytes`);
      chunks.push(chunk);
    }
    const text = decode(Buffer.concat(chunks), contentType);
    if (text === undefined) throw misfit(name, 'The text is not in the charset that its part declares.');
    if (!isKeepable(text)) throw misfit(name, unkeepableText);
    return text;
  }
}

/** The beginning of a stream; the rest is read and dropped. */
async function* firstBytes(source: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let room = most;
  for await (const chunk of source) {
    if (room > 0) yield chunk.subarray(0, room);
    room -= chunk.length;
  }
}

/** A field's text in the charset of its part, UTF-8 when it names none; undefined when the bytes are not of it. */
function decode(bytes: Buffer, contentType: string): string | undefined {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
