import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fetchWhole, type Town, transferOf, type Wire } from '../testing/town.ts';

export const tus = { 'tus-resumable': '1.0.0' };
export const offsetOctets = { ...tus, 'content-type': 'application/offset+octet-stream' };
const base = '/filetransfer/upload/tus';

export type Bytes = Uint8Array<ArrayBuffer>;
export const bytesOf = (size: number, seed = 1): Bytes => {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 1) bytes[i] = (i * 31 + (i >> 8) * seed + seed) & 0xff;
  return bytes;
};
export const digestOf = (algorithm: string, bytes: Uint8Array, as: 'hex' | 'base64' = 'hex') =>
  createHash(algorithm).update(bytes).digest(as);

/** Requests of tus as a sender makes them. `path` is an id, or what stands in a `Location`. */
export function tusClient(town: Town, wire: Wire, by = 'sender') {
  const at = (path: string) => (path.startsWith('/') ? path.replace('/broker/api/v1', '') : `${base}/${path}`);
  const call = (method: string, path: string, headers: Record<string, string> = {}, body?: NonNullable<RequestInit['body']>) =>
    wire.request(method, at(path), by, { headers: { ...tus, ...headers }, ...(body === undefined ? {} : { body }) });
  return {
    call,
    /** Announces a transfer; its id. */
    async announce(differs: Parameters<typeof transferOf>[1] = {}): Promise<string> {
      const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town, differs));
      assert.equal(made.status, 200, await made.clone().text());
      return ((await made.json()) as { fileTransferId: string }).fileTransferId;
    },
    /** Begins an upload; where it is. */
    async begin(id: string, length: number, more: Record<string, string> = {}): Promise<string> {
      const begun = await call('POST', id, { 'upload-length': String(length), ...more });
      assert.equal(begun.status, 201, await begun.clone().text());
      return begun.headers.get('location')!;
    },
    patch: (path: string, offset: number, body: NonNullable<RequestInit['body']>, more: Record<string, string> = {}) =>
      call('PATCH', path, { ...offsetOctets, 'upload-offset': String(offset), ...more }, body),
    async offsetOf(path: string): Promise<number> {
      const shown = await call('HEAD', path);
      assert.equal(shown.status, 200);
      return Number(shown.headers.get('upload-offset'));
    },
    async statusOf(id: string): Promise<string> {
      const shown = await wire.json('GET', `/filetransfer/${id}`, 'sender');
      return ((await shown.json()) as { fileTransferStatus: string }).fileTransferStatus;
    },
    fetched: (id: string): Promise<Buffer> => fetchWhole(wire, id, 'first'),
  };
}
