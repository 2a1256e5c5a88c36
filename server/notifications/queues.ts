import { type Sql, sql } from '#kernel/database.ts';
import type { Queue } from '#kernel/queue.ts';

const due = (channel: 'email' | 'sms'): Sql =>
  sql`select due_at as at from notifications.notice where channel = ${channel} and state in ('due', 'handing-over') and due_at <= clock.now()`;

/** Notices whose time has come and that no gateway has taken. -- index: notice_due */
export const notificationQueues: readonly Queue[] = [
  { name: 'mail-notices', due: due('email'), calmSeconds: 300 },
  { name: 'sms-notices', due: due('sms'), calmSeconds: 300 },
];
