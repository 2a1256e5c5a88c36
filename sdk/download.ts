import type { IncomingHttpHeaders } from 'node:http';
import type { Ask } from './ask.ts';
import { Refused } from './refused.ts';
import { bytesOf } from './transport.ts';

/** What the server says of a file before it is fetched. */
export interface FileFacts {
  /** As its sender named it; nothing that a path may be made of as it is. */
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly entityTag: string;
  /** Lower-case hexadecimal, of `Repr-Digest` (RFC 9530); undefined from servers that give none. */
  readonly sha256: string | undefined;
}

/** The file is not, or no longer, the one that was begun with: that of the server, or the one that is sent. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

const pathOf = (id: string): string => `/broker/api/v1/filetransfer/${encodeURIComponent(id)}/download`;

/** Asks for size, name and digest. Fetches nothing, and leaves no trace at the sender's. */
export async function inspectFile(ask: Ask, id: string): Promise<FileFacts> {
  const headers = await headOf(ask, id);
  return {
    fileName: fileNameIn(headers['content-disposition']) ?? id,
    sizeBytes: Number(headers['content-length'] ?? 0),
    entityTag: headers.etag ?? '',
    sha256: sha256In(headers['repr-digest'] as string | undefined),
  };
}

async function headOf(ask: Ask, id: string): Promise<IncomingHttpHeaders> {
  try {
    const { headers, stream } = await ask.patiently({ method: 'HEAD', path: pathOf(id) });
    stream.resume();
    return headers;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // A refusal of HEAD has no words; that of the download itself has.
    const { stream } = await ask.once({ method: 'GET', path: pathOf(id), headers: { range: 'bytes=0-0' } });
    stream.destroy();
    throw error;
  }
}

/** The bytes of a file from `from` on. What breaks off goes on from the last byte that came. Throws FileChanged. */
export async function* downloadFile(ask: Ask, id: string, facts: FileFacts, from: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let position = from;
  // A file without bytes is asked for too: that is what fetches it.
  for (let failures = 0, isAsked = false; position < facts.sizeBytes || (facts.sizeBytes === 0 && !isAsked); ) {
    const before = position;
    try {
      const range = position > 0 ? { range: `bytes=${position}-`, 'if-range': facts.entityTag } : {};
      const answer = await ask.once({ method: 'GET', path: pathOf(id), headers: range, signal });
      isAsked = true;
      if (answer.headers.etag !== facts.entityTag || answer.status !== (position > 0 ? 206 : 200)) {
        answer.stream.destroy();
        throw new FileChanged('the file is another than the one that was begun with');
      }
      for await (const chunk of bytesOf(answer.stream)) {
        position += chunk.length;
        yield chunk;
      }
    } catch (error) {
      failures = position > before ? 1 : failures + 1;
      await ask.waitAfter(error, failures, signal);
    }
  }
}

/** Pure. Source: RFC 6266 §4. */
export function fileNameIn(disposition: string | undefined): string | undefined {
  const whole = /filename\*\s*=\s*UTF-8''([^;\s]+)/i.exec(disposition ?? '')?.[1];
  try {
    if (whole !== undefined) return decodeURIComponent(whole);
  } catch {}
  return /filename\s*=\s*"([^"]*)"/i.exec(disposition ?? '')?.[1];
}

function sha256In(digest: string | undefined): string | undefined {
  const encoded = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/i.exec(digest ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('hex');
}
