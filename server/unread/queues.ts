import { sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

/** Mail to senders and to the operator. -- index: mail_due */
export const unreadQueues: readonly Queue[] = [
  { name: 'sender-mail', due: sql`select due_at as at from unread.mail where state = 'due' and due_at <= clock.now()`, calmSeconds: 600 },
];
