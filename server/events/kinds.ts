/** Who an event speaks of: the one who sent, or the one who receives. */
export type EventSubject = 'owner' | 'recipient';

interface Kind {
  /** The last part of its source: `/correspondence/api/v1/{source}`. */
  readonly source: 'correspondence' | 'attachment' | 'notification';
  readonly subject: readonly EventSubject[];
  /** What has happened. */
  readonly when: string;
}

/**
 * Every event that clients of the original know and this server tells, by the last part of its type. Where the original
 * tells the recipient alone of what the sender needs to know, both are told here.
 * Source: compatibility.md, correspondence, §7.
 */
export const altinnEvents = {
  attachmentinitialized: { source: 'attachment', subject: ['owner'], when: 'an attachment is announced' },
  attachmentpublished: { source: 'attachment', subject: ['owner'], when: 'its scan was clean' },
  attachmentuploadfailed: {
    source: 'attachment',
    subject: ['owner'],
    when: 'it holds malware, or the scanner could not tell in any attempt',
  },
  attachmentexpired: { source: 'attachment', subject: ['owner'], when: 'its time is over' },
  correspondenceinitialized: { source: 'correspondence', subject: ['owner'], when: 'a message is accepted, its recipient not reserved' },
  correspondencepublished: { source: 'correspondence', subject: ['recipient'], when: 'it is published' },
  correspondencepublishfailed: { source: 'correspondence', subject: ['owner'], when: 'it will never be published' },
  correspondencepurged: { source: 'correspondence', subject: ['owner'], when: 'it is deleted by either' },
  correspondencereceiverread: { source: 'correspondence', subject: ['owner'], when: 'it is read for the first time' },
  correspondencereceiverconfirmed: { source: 'correspondence', subject: ['owner'], when: 'it is confirmed' },
  correspondencereceiverneverread: { source: 'correspondence', subject: ['recipient', 'owner'], when: 'its due date passed unread' },
  correspondencereceiverneverconfirmed: {
    source: 'correspondence',
    subject: ['recipient', 'owner'],
    when: 'its due date passed, and the confirmation that was asked for is missing',
  },
  notificationcreated: { source: 'notification', subject: ['owner'], when: 'an order is accepted; the instance is the order' },
  correspondencenotificationcreationfailed: { source: 'correspondence', subject: ['owner'], when: 'an order is refused' },
  correspondencenotificationfailed: { source: 'correspondence', subject: ['owner'], when: 'some addresses could not be reached' },
  correspondencenotificationallfailed: { source: 'correspondence', subject: ['owner'], when: 'no address could be reached' },
  correspondencenotificationdelivered: { source: 'correspondence', subject: ['owner'], when: 'a notification arrived' },
  correspondencenotificationreminderdelivered: { source: 'correspondence', subject: ['owner'], when: 'a reminder arrived' },
} as const satisfies Record<string, Kind>;

export type AltinnEvent = keyof typeof altinnEvents;

/** Names of the events that come from one source. */
export type AltinnEventOf<S extends Kind['source']> = {
  [N in AltinnEvent]: (typeof altinnEvents)[N]['source'] extends S ? N : never;
}[AltinnEvent];

/** Type and source of an event as they stand in it; the source is a path of this server. */
export function altinnKind(name: AltinnEvent): { readonly type: string; readonly source: string } {
  return { type: `no.altinn.correspondence.${name}`, source: `/correspondence/api/v1/${altinnEvents[name].source}` };
}

/** Who a broker event speaks of: the organization that sent the file, or one that it was sent to. */
export type BrokerRole = 'Sender' | 'Recipient';

/**
 * The same of file transfers; `roles` are those who are told, each in an event of its own that names its role.
 * Source: compatibility.md, broker, §5.4.
 */
export const brokerEvents = {
  filetransferinitialized: { roles: ['Sender'], when: 'a transfer is accepted' },
  uploadprocessing: { roles: ['Sender'], when: 'its bytes have come and wait for a scan' },
  published: { roles: ['Sender', 'Recipient'], when: 'its recipients may fetch it' },
  uploadfailed: { roles: ['Sender'], when: 'it will never be published' },
  downloadconfirmed: { roles: ['Sender', 'Recipient'], when: 'a recipient has confirmed that it has it' },
  allconfirmeddownloaded: { roles: ['Sender'], when: 'the last recipient has confirmed' },
  filepurged: { roles: ['Sender'], when: 'it can be fetched no more' },
  fileneverconfirmeddownloaded: { roles: ['Sender', 'Recipient'], when: 'it is purged and somebody has not confirmed' },
} as const satisfies Record<string, { readonly roles: readonly BrokerRole[]; readonly when: string }>;

export type BrokerEvent = keyof typeof brokerEvents;

/** Type and source of an event of a file transfer as they stand in it. */
export function brokerKind(name: BrokerEvent): { readonly type: string; readonly source: string } {
  return { type: `no.altinn.broker.${name}`, source: '/broker/api/v1/filetransfer' };
}
