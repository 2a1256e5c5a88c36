/** What a scanner outside tells through Event Grid: that it wants to know whether we listen, or what it found in a file. */
export type ScanEvent =
  | { readonly kind: 'handshake'; readonly code: string }
  | {
      readonly kind: 'result';
      /** The last segment of the address of the bytes, in lower case: the file's id, by the original's way of naming them. */
      readonly blobName: string;
      readonly isClean: boolean;
      /** The scanner's own word for what it found. */
      readonly verdict: string;
      /** Of the bytes that it looked through, in lower case, where it says. */
      readonly sha256: string | null;
      /** What of the scanner's details a history may show; nothing that a stranger could fill it with. */
      readonly details: object;
    };

/** Whose word it is, in the evidence. */
export const scannerOutside = 'malware-scan-results';

const handshakeType = 'microsoft.eventgrid.subscriptionvalidationevent';
const resultType = 'microsoft.security.malwarescanningresult';
const cleanVerdict = 'no threats found';
const longest = 200;

/**
 * Pure. One event, with member names in any case; a text saying what is wrong where it is neither of the two that we know.
 * Source: compatibility.md, correspondence, §4.1; broker, §10.1.
 */
export function readScanEvent(event: unknown): ScanEvent | string {
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
  const details = member(data, 'scanResultDetails');
  const sha256 = textOf(member(details, 'sha256'))?.toLowerCase();
  return {
    kind: 'result',
    blobName: blobName.toLowerCase(),
    isClean: verdict.trim().toLowerCase() === cleanVerdict,
    verdict: verdict.trim().slice(0, longest),
    sha256: sha256 && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
    details: detailsOf(details),
  };
}

function detailsOf(details: unknown): object {
  const names = member(details, 'malwareNamesFound');
  const reason = textOf(member(details, 'notScannedReason'));
  return {
    ...(Array.isArray(names) ? { malwareNamesFound: names.flatMap((name) => textOf(name)?.slice(0, longest) ?? []).slice(0, 10) } : {}),
    ...(reason === undefined ? {} : { notScannedReason: reason.slice(0, longest) }),
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
