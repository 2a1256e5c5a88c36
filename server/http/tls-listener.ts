import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A second door to the same routes, at which clients may show a certificate. */
export interface TlsOptions {
  readonly port: number;
  /** PEM: the server's own certificate with its chain, and its key. */
  readonly certificate: string;
  readonly key: string;
}

/**
 * Listens with TLS 1.2 or 1.3 and asks each client for a certificate; whom it makes out is for the routes to say, so that a client
 * without one, or with one that is not trusted, is told in words. Sessions are not resumed: a resumed one would not carry the
 * chain that was shown.
 */
export function createTlsServer({ certificate, key }: TlsOptions, limits: ServerOptions, answer: RequestListener): Server {
  const options: ServerOptions = {
    ...limits,
    cert: certificate,
    key,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: 20_000,
  };
  return createServer(options, answer);
}

/** Starts to listen and tells the port: the one asked for, or the one that was free when 0 was. */
export function listenTls(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
