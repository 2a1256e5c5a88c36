import { describeFault } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import type { FetchBounded } from './fetch-bounded.ts';
import { createKept } from './kept.ts';
import type { ReadCertificate } from './read-certificate.ts';
import { askResponder, type ResponderAnswer, readResponderAnswer } from './read-responder-answer.ts';
import { type RevocationList, readRevocationList, serialOf } from './read-revocation-list.ts';

export type RevocationStatus = 'good' | 'revoked' | 'unknown';

export interface Revocation {
  /** Whether `issuer` has taken a certificate back. */
  statusOf(certificate: ReadCertificate, issuer: ReadCertificate, at: Date): Promise<RevocationStatus>;
}

const most = { listBytes: 32 * 1024 * 1024, answerBytes: 64 * 1024, lists: 100, answers: 20_000 } as const;
/** A list that holds for a week is looked for anew each hour: what is revoked meanwhile stands in the new one. */
const renewMillis = 60 * 60_000;

/**
 * Finds out whether certificates are revoked: by their issuer's list, and by its responder where there is no list to be had.
 * Lists and answers are kept until they end, and looked for anew each hour.
 */
export function createRevocation({ fetch, log }: { readonly fetch: FetchBounded; readonly log: Log }): Revocation {
  const lists = createKept<RevocationList>({ most: most.lists, renewMillis });
  const answers = createKept<ResponderAnswer>({ most: most.answers, renewMillis });

  function listAt(url: string, issuer: ReadCertificate, at: Date): Promise<RevocationList> {
    return lists.get(`${issuer.thumbprint} ${url}`, at, async () => {
      const list = await readRevocationList(await fetch({ url, maxBytes: most.listBytes }), issuer, url);
      if (list.nextUpdate < at) throw new Error('it is old');
      return list;
    });
  }

  function answerOf(url: string, certificate: ReadCertificate, issuer: ReadCertificate, at: Date): Promise<ResponderAnswer> {
    return answers.get(`${issuer.thumbprint} ${certificate.thumbprint} ${url}`, at, async () => {
      const body = await askResponder(certificate, issuer);
      const answer = await fetch({ url, body, contentType: 'application/ocsp-request', maxBytes: most.answerBytes });
      return readResponderAnswer(answer, certificate, issuer, at);
    });
  }

  async function first(urls: readonly string[], ask: (url: string) => Promise<RevocationStatus>): Promise<RevocationStatus> {
    for (const url of urls.slice(0, 3)) {
      try {
        const status = await ask(url);
        if (status !== 'unknown') return status;
      } catch (error) {
        log.warn({ url, ...describeFault(error) }, 'no word on what an issuer of certificates has revoked');
      }
    }
    return 'unknown';
  }

  return {
    async statusOf(certificate, issuer, at) {
      const serial = serialOf(certificate);
      const notCovered = certificate.isAuthority ? 'others' : 'authorities';
      const byList = await first(certificate.revocationLists, async (url) => {
        const { covers, serials } = await listAt(url, issuer, at);
        if (covers === notCovered) return 'unknown';
        return serials.has(serial) ? 'revoked' : 'good';
      });
      if (byList !== 'unknown') return byList;
      return first(certificate.responders, async (url) => (await answerOf(url, certificate, issuer, at)).status);
    },
  };
}
