import type { BrokerContext } from '#broker/index.ts';
import type { CorrespondenceContext } from '#correspondence/index.ts';
import type { Invariant } from '#kernel/database.ts';
import type { Addresses, MailPort } from '#notifications/index.ts';

/** What the operations on unread post need beside a database and a clock. */
export interface UnreadContext extends CorrespondenceContext, Pick<BrokerContext, 'approvalNeeded'> {
  readonly addresses: Addresses;
  readonly publicUrl: string;
  readonly mail: MailPort;
  readonly mailFrom: string;
  readonly invariants: readonly Invariant[];
  /** Who is told by mail when a rule is broken. */
  readonly alarmEmail: string | undefined;
  /** What whoever reads the metrics shows; nobody may where it is undefined. */
  readonly metricsToken: string | undefined;
}
