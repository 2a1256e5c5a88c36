import type { IncomingMessage } from 'node:http';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { clientCertHeaders, writeClientCert } from '#kernel/client-cert.ts';

const mostCertificates = 8;

/**
 * Puts the certificate that a client has shown into the headers of RFC 9440, for whoever asks: from the TLS connection, whose
 * handshake proves that the client has the key. What stands in these headers without it is somebody's claim, and is taken out,
 * but where a proxy is trusted to have set them.
 */
export function carryClientCert(request: IncomingMessage, trustHeaders: boolean): void {
  const { headers, socket } = request;
  const isTls = socket instanceof TLSSocket;
  if (trustHeaders && !isTls) return;
  delete headers[clientCertHeaders.own];
  delete headers[clientCertHeaders.chain];
  if (!isTls) return;
  const [own, ...chain] = shownBy(socket);
  if (!own) return;
  headers[clientCertHeaders.own] = writeClientCert(own);
  if (chain.length > 0) headers[clientCertHeaders.chain] = chain.map(writeClientCert).join(', ');
}

function shownBy(socket: TLSSocket): Buffer[] {
  const shown: Buffer[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw && shown.length < mostCertificates && !shown.some((der) => der.equals(next!.raw))) {
    shown.push(next.raw);
    next = next.issuerCertificate;
  }
  return shown;
}
