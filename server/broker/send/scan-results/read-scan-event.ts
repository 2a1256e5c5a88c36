/** What a scanner outside tells, as Event Grid sends it. */
export type ScanEvent =
  | { readonly kind: 'handshake'; readonly code: string }
  | { readonly kind: 'result'; readonly blobName: string; readonly isClean: boolean; readonly verdict: string; readonly details: object }
  | { readonly kind: 'other' };

const handshakeType = 'microsoft.eventgrid.subscriptionvalidationevent';
const resultType = 'microsoft.security.malwarescanningresult';
const cleanVerdict = 'no threats found';
const longest = 200;

/**
 * Pure. The first event that we know, alone or in a list, with member names in any case; what we do not know is left alone, as by
 * the original. Source: compatibility.md, broker, §10.1.
 */
export function readScanEvent(body: unknown): ScanEvent {
  for (const event of Array.isArray(body) ? body : [body]) {
    const read = readOne(event);
    if (read.kind !== 'other') return read;
  }
  return { kind: 'other' };
}

function readOne(event: unknown): ScanEvent {
  const type = textOf(member(event, 'eventType'))?.toLowerCase();
  const data = member(event, 'data');
  if (type === handshakeType) {
    const code = textOf(member(data, 'validationCode'));
    return code === undefined ? { kind: 'other' } : { kind: 'handshake', code };
  }
  const verdict = textOf(member(data, 'scanResultType'))?.trim().slice(0, longest);
  if (type !== resultType || verdict === undefined) return { kind: 'other' };
  const blobName = lastSegment(textOf(member(data, 'blobUri')) ?? '').toLowerCase();
  const isClean = verdict.toLowerCase() === cleanVerdict;
  return { kind: 'result', blobName, isClean, verdict, details: detailsOf(member(data, 'scanResultDetails')) };
}

/** What of the details the history of a transfer shows; nothing that a stranger could fill it with. */
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
