import type { OutboxRow } from './store.ts';

/** A CloudEvent 1.0 as clients of the original know it: all member names in lower case. Source: compatibility.md, correspondence, §7. */
export interface CloudEvent {
  readonly id: string;
  readonly specversion: '1.0';
  readonly type: string;
  /** An absolute address. */
  readonly source: string;
  /** URN of the party that the event is about. */
  readonly subject: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly resource: string;
  readonly resourceinstance: string;
  readonly alternativesubject?: string;
  readonly datacontenttype?: 'application/json';
  readonly data: object | null;
}

/**
 * Renders a row of the outbox. A source that starts with `/` is a path of this server and gets `publicUrl` in front.
 * `data` is null where there is none, as the original writes it; `alternativesubject` is left out then, since the
 * standard does not allow an attribute to be null.
 */
export function toCloudEvent(row: OutboxRow, publicUrl: string): CloudEvent {
  return {
    id: row.id,
    specversion: '1.0',
    type: row.type,
    source: sourceOf(row, publicUrl),
    subject: row.subject,
    time: row.at.toISOString(),
    resource: `urn:altinn:resource:${row.resource}`,
    resourceinstance: row.resourceInstance,
    ...(row.alternativeSubject === null ? {} : { alternativesubject: row.alternativeSubject }),
    ...(row.data === null ? {} : { datacontenttype: 'application/json' }),
    data: row.data,
  };
}

/** The absolute address that an event comes from. */
export function sourceOf({ source }: Pick<OutboxRow, 'source'>, publicUrl: string): string {
  return source.startsWith('/') ? new URL(source, publicUrl).href : source;
}
