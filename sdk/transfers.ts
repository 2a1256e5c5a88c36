import { type Connection, createAsk } from './ask.ts';
import { downloadFile, type FileFacts, inspectFile } from './download.ts';
import { type Source, type UploadOptions, uploadFile } from './upload.ts';
import type { Announcement, Custody, Followed, FollowQuery, Overview } from './wire.ts';

/** Files between organizations. Every function throws Refused for what the server refuses, and ConnectionLost when it stays away. */
export interface Transfers {
  /** Announces a transfer; its id. */
  announce(announcement: Announcement): Promise<string>;
  upload(id: string, source: Source, options?: UploadOptions): Promise<void>;
  look(id: string): Promise<Overview>;
  custody(id: string): Promise<Custody>;
  /** What the caller has sent or received, oldest first, page after page. */
  follow(query: FollowQuery): AsyncGenerator<Followed>;
  inspect(id: string): Promise<FileFacts>;
  /** The bytes from `from` on. */
  download(id: string, facts: FileFacts, from?: number): AsyncGenerator<Buffer>;
  /** As a recipient, with the SHA-256 of what is held, or without. */
  confirm(id: string, held?: { readonly sha256: string }): Promise<void>;
}

const altinn = '/broker/api/v1/filetransfer';
const own = '/budstikke/v1/filetransfer';
const json = { 'content-type': 'application/json' } as const;

export function createTransfers(connection: Connection): Transfers {
  const ask = createAsk(connection);
  const at = (id: string): string => encodeURIComponent(id);
  return {
    async announce(announcement) {
      const body = JSON.stringify(announcement);
      return (await ask.json<{ fileTransferId: string }>({ method: 'POST', path: altinn, headers: json, body })).fileTransferId;
    },
    upload: (id, source, options) => uploadFile(ask, at(id), source, options),
    look: (id) => ask.json({ method: 'GET', path: `${altinn}/${at(id)}` }),
    custody: (id) => ask.json({ method: 'GET', path: `${own}/${at(id)}/custody` }),
    async *follow(query) {
      const wished = Object.entries(query).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      );
      for (let after: string | null | undefined; after !== null; ) {
        const search = new URLSearchParams(after ? [...wished, ['after', after]] : wished);
        const page: { transfers: Followed[]; next: string | null } = await ask.json({ method: 'GET', path: `${own}?${search}` });
        yield* page.transfers;
        after = page.next;
      }
    },
    inspect: (id) => inspectFile(ask, id),
    download: (id, facts, from = 0) => downloadFile(ask, id, facts, from, connection.signal),
    async confirm(id, held) {
      const body = JSON.stringify(held ?? {});
      const { stream } = await ask.patiently({ method: 'POST', path: `${own}/${at(id)}/confirm`, headers: json, body });
      stream.resume();
    },
  };
}
