import { isIP } from 'node:net';

export interface EndpointRules {
  /** Unencrypted endpoints are taken: in the sandbox only. */
  readonly allowHttp: boolean;
  readonly mayReach: (address: string) => boolean;
}

/** An address in a URL without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/**
 * Pure. The endpoint in its normal form, or undefined: https, no user name, no fragment, no address of a closed network. What a
 * name stands for is looked at when it is called, each time.
 */
export function readEndpoint(text: string | null | undefined, { allowHttp, mayReach }: EndpointRules): string | undefined {
  const given = text?.trim() ?? '';
  if (given === '' || given.length > 2000 || !URL.canParse(given)) return undefined;
  const url = new URL(given);
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) return undefined;
  if (url.username !== '' || url.password !== '' || url.hostname === '') return undefined;
  const host = hostOf(url);
  if (isIP(host) !== 0 && !mayReach(host)) return undefined;
  url.hash = '';
  return url.href;
}
