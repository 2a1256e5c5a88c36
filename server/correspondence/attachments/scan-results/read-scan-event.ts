/** What a scanner outside tells through Event Grid: that it wants to know whether we listen, or what it found in a file. */
export type ScanEvent =
  | { readonly kind: 'handshake'; readonly code: string }
  | {
      readonly kind: 'result';
      /** The last segment of the address of the bytes: the attachment, by the original's way of naming them. */
      readonly blobName: string;
      readonly isClean: boolean;
      /** The scanner's own word for what it found. */
      readonly verdict: string;
      /** Of the bytes that it looked through, in lower case, where it says. */
      readonly sha256: string | null;
    };

const handshakeType = 'microsoft.eventgrid.subscriptionvalidationevent';
const resultType = 'microsoft.security.malwarescanningresult';
const cleanVerdict = 'no threats found';
const longestVerdict = 200;

/**
 * Pure. One event, alone or in a list of one, with member names in any case; a text saying what is wrong where it is neither
 * of the two that we know. Source: compatibility.md, correspondence, §4.1.
 */
export function readScanEvent(body: unknown): ScanEvent | string {
  if (body === undefined) return 'The body is not JSON.';
  const event = Array.isArray(body) ? body[0] : body;
  if (Array.isArray(body) && body.length !== 1) return 'Exactly one event is expected.';
  const type = textOf(member(event, 'eventType'))?.toLowerCase();
  const data = member(event, 'data');
  if (type === handshakeType) {
    const code = textOf(member(data, 'validationCode'));
    return code === undefined ? 'The event has no validation code.' : { kind: 'handshake', code };
  }
  if (type !== resultType) return 'The event is of a type that is not known here.';
  const blobName = lastSegment(textOf(member(data, 'blobUri')) ?? '');
  const verdict = textOf(member(data, 'scanResultType'));
  if (blobName === '' || verdict === undefined) return 'The event does not say which file it is about, or what was found.';
  const sha256 = textOf(member(member(data, 'scanResultDetails'), 'sha256'))?.toLowerCase();
  return {
    kind: 'result',
    blobName: blobName.toLowerCase(),
    isClean: verdict.trim().toLowerCase() === cleanVerdict,
    verdict: verdict.slice(0, longestVerdict),
    sha256: sha256 && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
  };
}

function lastSegment(address: string): string {
  return address
    .replace(/[?#].*$/s, '')
    .split('/')
    .at(-1)!;
}

function member(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined;
  return Object.entries(of).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\0') ? value : undefined;
}
