import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Headers, type MimeNode, Splitter } from '@zone-eu/mailsplit';
import type { RefusedReason } from '../ports.ts';
import type { DeliveryReport } from '../store/report.ts';

/** What a report is about, and what it says of it; both also in the form for addresses beyond ASCII. Source: RFC 3464 §2, RFC 6522 §3, RFC 6533 §3. */
const statusTypes: ReadonlySet<string> = new Set(['message/delivery-status', 'message/global-delivery-status']);
const returnedTypes: ReadonlySet<string> = new Set([
  ...['message/rfc822', 'text/rfc822-headers', 'text/rfc822-header'],
  ...['message/global', 'message/global-headers'],
]);

/**
 * What a delivery status notification (RFC 3464) says of a mail of ours, by its parts: undefined when it is none, or names no Message-ID. A mail
 * that is merely late, or was handed to a server that reports no further, is no news: an empty list. Of several mailboxes behind the address one
 * that did not take it counts more than one that did, as when the two are told one after the other.
 */
export async function readBounce(mail: Buffer): Promise<DeliveryReport[] | undefined> {
  const report = await findReport(mail);
  if (!report) return undefined;
  const messageId = /<[^<>\s\p{Cc}]{3,250}>/u.exec(new Headers(headOf(report.returned)).getFirst('Message-ID'))?.[0];
  const fates = fatesOf(report.status);
  if (!messageId || fates.length === 0) return undefined;
  const fate = fates.find(({ action }) => action === 'failed') ?? fates.find(({ action }) => action === 'delivered');
  if (!fate) return [];
  const isFailure = fate.action === 'failed';
  return [
    {
      notice: null,
      messageId,
      outcome: isFailure ? 'failed' : 'delivered',
      reason: isFailure ? reasonOf(fate.status) : null,
      answer: fate.answer,
    },
  ];
}

interface Report {
  readonly status: Buffer;
  readonly returned: Buffer;
}

interface Part {
  readonly node: MimeNode;
  readonly chunks: Buffer[];
}

/** The first report among the parts. What is enclosed as a mail of its own is none of them, whatever it holds. What cannot be split is no report. */
async function findReport(mail: Buffer): Promise<Report | undefined> {
  let parts: Part[];
  try {
    parts = await split(mail);
  } catch {
    return undefined;
  }
  const reports = Map.groupBy(
    parts.filter(({ node: { parentNode } }) => parentNode && parentNode.multipart === 'report'),
    ({ node }) => node.parentNode,
  );
  for (const own of reports.values()) {
    const [status, returned] = [statusTypes, returnedTypes].map((types) => own.find(({ node }) => types.has(node.contentType || '')));
    if (status && returned) return { status: await decoded(status), returned: await decoded(returned) };
  }
  return undefined;
}

async function split(mail: Buffer): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const piece of Readable.from([mail]).pipe(new Splitter({ ignoreEmbedded: true }))) {
    if (piece.type === 'node') parts.push({ node: piece, chunks: [] });
    else if (piece.type === 'body') parts.at(-1)?.chunks.push(piece.value);
  }
  return parts;
}

function decoded({ node, chunks }: Part): Promise<Buffer> {
  return buffer(Readable.from(chunks).pipe(node.getDecoder()));
}

const blankLine = /\r?\n[ \t]*\r?\n/;
const headOf = (returned: Buffer): Buffer =>
  Buffer.from(
    returned
      .toString('latin1')
      .replace(/^[\r\n]+/, '')
      .split(blankLine, 1)[0]!,
    'latin1',
  );

/** What became of it at one mailbox. */
interface Fate {
  readonly action: string;
  readonly status: string;
  readonly answer: string | null;
}

const answerAtMost = 2000;

/** Pure. After what is said of the mail as a whole there is a group of fields for each mailbox. */
function fatesOf(status: Buffer): Fate[] {
  return status
    .toString('latin1')
    .split(blankLine)
    .flatMap((group): Fate[] => {
      const fields = new Headers(Buffer.from(group, 'latin1'));
      const action = /^[a-z]+/i.exec(fields.getFirst('Action'))?.[0].toLowerCase();
      if (!action) return [];
      const answer = fields
        .getFirst('Diagnostic-Code')
        .replaceAll(/[\s\p{Cc}]+/gu, ' ')
        .trim()
        .slice(0, answerAtMost);
      return [{ action, status: fields.getFirst('Status'), answer: answer === '' ? null : answer }];
    });
}

/** Pure. Source: RFC 3463, subject and detail of the status code; 1.7 and 1.8 are of the address that the mail came from. */
function reasonOf(status: string): RefusedReason {
  const [, subject, detail] = /^\d\.(\d+)\.(\d+)/.exec(status) ?? [];
  if (subject === '1' && detail !== '7' && detail !== '8') return 'address-rejected';
  return subject === '2' && detail === '2' ? 'mailbox-full' : 'carrier-refused';
}
