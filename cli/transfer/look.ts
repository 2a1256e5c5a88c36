import type { Custody, Followed, Overview, Transfers } from '../../sdk/index.ts';
import { describeBytes } from './output.ts';

export interface ListOptions {
  readonly sent?: boolean;
  readonly received?: boolean;
  readonly resource?: string;
  readonly unfetched?: boolean;
  readonly unconfirmed?: boolean;
  readonly limit: number;
}

export type Listed = Followed & { readonly role: 'sender' | 'recipient' };

/** What the caller has sent and received, oldest first; of each side as many as the limit allows. */
export async function* listTransfers(transfers: Transfers, options: ListOptions): AsyncGenerator<Listed> {
  const both = Boolean(options.sent) === Boolean(options.received);
  for (const role of ['sender', 'recipient'] as const) {
    if (!both && !(role === 'sender' ? options.sent : options.received)) continue;
    const query = { role, resourceId: options.resource, unfetched: options.unfetched, unconfirmed: options.unconfirmed };
    let left = options.limit;
    for await (const one of transfers.follow(query)) {
      if (left === 0) break;
      left -= 1;
      yield { ...one, role };
    }
  }
}

export function describeListed({ role, own, recipients, ...one }: Listed): string {
  const far = own
    ? `${own.status}${own.awaited ? ', to be confirmed' : ''}`
    : `${recipients!.confirmed} of ${recipients!.all} confirmed, ${recipients!.unfetched} not fetched`;
  const who = role === 'sender' ? 'sent    ' : `received from ${one.sender}`;
  const reference = one.sendersFileTransferReference === null ? '' : `  ${one.sendersFileTransferReference}`;
  return `${one.fileTransferId}  ${one.created.slice(0, 16)}  ${describeBytes(one.fileTransferSize).padStart(8)}  ${one.fileTransferStatus}  ${who}  ${far}  ${one.resourceId}${reference}`;
}

export interface Status {
  readonly overview: Overview;
  readonly custody: Custody;
}

export async function showStatus(transfers: Transfers, id: string): Promise<Status> {
  const overview = await transfers.look(id);
  return { overview, custody: await transfers.custody(id) };
}

export function describeStatus({ overview: o, custody: { declared, stored, recipients } }: Status): string {
  return [
    `${o.fileTransferId}  ${o.fileTransferStatus}`,
    `  file        ${JSON.stringify(o.fileName)}, ${describeBytes(o.fileTransferSize)}`,
    `  resource    ${o.resourceId}`,
    `  sender      ${o.sender}${o.sendersFileTransferReference === null ? '' : `, reference ${o.sendersFileTransferReference}`}`,
    `  created     ${o.created}; kept until ${o.expirationTime}`,
    ...(o.fileTransferStatusText ? [`  text        ${o.fileTransferStatusText}`] : []),
    `  declared    ${declared.sha256 ?? declared.md5 ?? 'no hash'}`,
    `  stored      ${stored?.sha256 ?? 'nothing yet'}`,
    ...recipients.flatMap((one) => [
      `  ${one.recipient}  ${one.status}, custody ${one.custody}`,
      ...(one.sha256 ? [`      holds   ${one.sha256}`] : []),
      ...(one.disputed ? [`      said that it holds ${one.disputed.sha256} at ${one.disputed.at}`] : []),
    ]),
  ].join('\n');
}
