/** Where a certificate stands on its way from the listener, or from a proxy that is trusted, to whoever asks for it: RFC 9440. */
export const clientCertHeaders = { own: 'client-cert', chain: 'client-cert-chain' } as const;

const item = /^\s*:([A-Za-z0-9+/]+={0,2}):\s*$/;

/**
 * The certificates of a request, the client's own first, DER; an empty list where there is none. A header that is not as RFC 9440
 * has it gives one that cannot be read: nobody is somebody else for a header that was cut off.
 */
export function readClientCert(headers: Readonly<Record<string, string | undefined>>): readonly Uint8Array[] {
  const own = headers[clientCertHeaders.own];
  if (own === undefined) return [];
  const chain = headers[clientCertHeaders.chain];
  return [own, ...(chain === undefined ? [] : chain.split(','))].map((text) => {
    const base64 = item.exec(text)?.[1];
    return base64 === undefined ? new Uint8Array() : new Uint8Array(Buffer.from(base64, 'base64'));
  });
}

/** The way back: certificates of a TLS connection as these headers. */
export const writeClientCert = (der: Uint8Array): string => `:${Buffer.from(der).toString('base64')}:`;
