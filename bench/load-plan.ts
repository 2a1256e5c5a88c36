/** What connections do until time is up. */
export interface LoadPlan {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly work: SendWork | GetWork;
}

/** Letters: each with a UUID of its own, to recipients drawn at random. */
export interface SendWork {
  readonly kind: 'send';
  readonly path: string;
  readonly token: string;
  /** The body as JSON, cut where the UUID and the list of recipients go. */
  readonly pieces: readonly [beforeUnique: string, beforeRecipients: string, end: string];
  /** As the wire names them. */
  readonly recipients: readonly string[];
  readonly perRequest: number;
}

/** Reads, each one drawn at random, or each once in the order of the list. */
export interface GetWork {
  readonly kind: 'get';
  readonly order: 'random' | 'once';
  readonly requests: readonly { readonly path: string; readonly token: string }[];
}

export interface LoadResult {
  /** Answers of 2xx that came while it was measured, and how long that was. */
  readonly answered: number;
  readonly seconds: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Every answer of 2xx, with those of the warm-up and the last ones. */
  readonly answeredInAll: number;
  /** Answers with other statuses, and connections that broke, by what they were. */
  readonly others: Readonly<Record<string, number>>;
  /** The first answer that was no 2xx. */
  readonly firstOther: string | null;
}
