import type { FileTransferId } from '#kernel/ids.ts';
import { Refusal, refuse } from '#kernel/refusal.ts';
import { largest } from '../resources/carriage.ts';
import { tusErrors as e } from './errors.ts';
import type { TusUploadId } from './store.ts';

/** The words of tus 1.0.0. Every function here is pure. Source: compatibility.md, broker, §4. */

export type Headers = Readonly<Record<string, string | undefined>>;

export const version = '1.0.0';
export const base = '/broker/api/v1/filetransfer/upload/tus';

/** What the server can do. */
export const abilities = {
  'tus-version': version,
  'tus-extension': 'creation,creation-with-upload,termination,checksum,checksum-trailer,concatenation,expiration',
  'tus-max-size': String(largest.unscanned),
  'tus-checksum-algorithm': 'sha256,sha1,md5',
} as const;

export const patchType = 'application/offset+octet-stream';

/** Refuses version. */
export function refuseOtherVersions(headers: Headers): void {
  const asked = headers['tus-resumable'];
  if (asked !== version) throw new Refusal(e.version, { version: asked ?? '' }, { 'tus-version': version });
}

/** Refuses header: what is missing, no whole number, or below zero. */
export function numberIn(headers: Headers, name: 'Upload-Length' | 'Upload-Offset'): number {
  const text = headers[name.toLowerCase()];
  if (text === undefined) throw refuse(e.header, { what: `Missing ${name} header` });
  if (!/^-?\d{1,15}$/.test(text.trim())) throw refuse(e.header, { what: `Could not parse ${name} header` });
  if (text.trim().startsWith('-')) throw refuse(e.header, { what: `Header ${name} must be a positive number` });
  return Number(text);
}

export interface Checksum {
  readonly algorithm: 'sha256' | 'sha1' | 'md5';
  readonly digest: Buffer;
}

const digestBytes = { sha256: 32, sha1: 20, md5: 16 } as const;

/** An `Upload-Checksum`; undefined when there is none. Refuses header: what cannot be read, or of another algorithm. */
export function checksumIn(text: string | undefined): Checksum | undefined {
  if (text === undefined) return undefined;
  const [name = '', value = ''] = text.trim().split(/\s+/);
  const algorithm = name.toLowerCase();
  if (!(algorithm in digestBytes)) {
    throw refuse(e.header, { what: 'Unsupported checksum algorithm. Supported algorithms are: sha256,sha1,md5' });
  }
  const digest = Buffer.from(value, 'base64');
  const known = algorithm as Checksum['algorithm'];
  if (digest.length !== digestBytes[known] || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) {
    throw refuse(e.header, { what: 'Could not parse Upload-Checksum header' });
  }
  return { algorithm: known, digest };
}

/**
 * What a checksum that comes behind the body may be of; none when no such comes. A client that says so beforehand spares the
 * server the others (`Upload-Checksum-Algorithm`, ours).
 */
export function algorithmsBehind(headers: Headers): readonly Checksum['algorithm'][] {
  const names = (headers.trailer ?? '').toLowerCase().split(',');
  if (!names.some((name) => name.trim() === 'upload-checksum')) return [];
  const said = headers['upload-checksum-algorithm']?.trim().toLowerCase();
  const all = Object.keys(digestBytes) as Checksum['algorithm'][];
  return all.some((one) => one === said) ? [said as Checksum['algorithm']] : all;
}

/** What is being made: all of a file, a part of it, or a file of parts. */
export type Wanted = { readonly kind: 'whole' | 'part' } | { readonly kind: 'joined'; readonly parts: readonly string[] };

/** Refuses header. Of the address of a part the last segment counts, whatever stands before it. */
export function wantedIn(headers: Headers): Wanted {
  const text = headers['upload-concat']?.trim();
  if (text === undefined) return { kind: 'whole' };
  if (text === 'partial') return { kind: 'part' };
  const [, list] = /^final\s*;(.*)$/s.exec(text) ?? [];
  const parts = (list ?? '').split(/\s+/).filter((one) => one !== '');
  if (parts.length === 0) {
    throw refuse(e.header, {
      what: 'Header Upload-Concat: Header is invalid. Valid values are "partial" and "final" followed by a list of file urls to concatenate',
    });
  }
  return {
    kind: 'joined',
    parts: parts.map(
      (one) =>
        one
          .replace(/[?#].*$/s, '')
          .replace(/\/+$/, '')
          .split('/')
          .at(-1)!,
    ),
  };
}

/** The header as it came, to be echoed. Refuses header: pairs that are none, of base64 that is none, or a key twice. */
export function metadataIn(headers: Headers): string | null {
  const text = headers['upload-metadata'];
  if (text === undefined || text.trim() === '') return null;
  const keys = new Set<string>();
  for (const pair of text.split(',')) {
    const [key = '', value = '', ...more] = pair.trim().split(/\s+/);
    if (key === '' || more.length > 0 || keys.has(key) || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
      throw refuse(e.header, {
        what: 'Header Upload-Metadata is invalid. It must hold pairs of a unique key and a value in base64, with commas between them',
      });
    }
    keys.add(key);
  }
  return text;
}

/** Refuses header. */
export function refuseDeferredLength(headers: Headers): void {
  if (headers['upload-defer-length'] !== undefined) throw refuse(e.header, { what: 'Header Upload-Defer-Length is not supported' });
}

/** Whether bytes come with what makes an upload. Refuses contentType for bytes of another type. */
export function hasBytes(headers: Headers): boolean {
  const comes = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (comes) refuseOtherTypes(headers);
  return comes;
}

/** Refuses contentType. */
export function refuseOtherTypes(headers: Headers): void {
  const type = headers['content-type'] ?? '';
  if (type.split(';', 1)[0]!.trim().toLowerCase() !== patchType) throw refuse(e.contentType, { type });
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Refuses noId. */
export function transferIdIn(text: string): FileTransferId {
  if (!uuid.test(text)) throw refuse(e.noId);
  return text.toLowerCase() as FileTransferId;
}

/** Thirty-two hexadecimal digits; undefined for what is no id of a part. */
export function partIdIn(text: string): TusUploadId | undefined {
  const hex = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as TusUploadId;
}

/** Where clients find an upload: a path without a host, as in the original. */
export function addressOf(id: FileTransferId, partId: TusUploadId | null): string {
  return partId === null ? `${base}/${id}` : `${base}/${id}/partial/${partId.replaceAll('-', '')}`;
}
