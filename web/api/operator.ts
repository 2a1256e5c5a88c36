import { useQuery } from '@tanstack/react-query';
import { ask } from './ask.ts';

/** How the installation stands; what `GET /budstikke/v1/operator` answers. */
export interface Installation {
  readonly at: string;
  readonly version: string;
  readonly schema: string;
  readonly database: string;
  readonly mode: 'sandbox' | 'production';
  readonly queues: readonly {
    readonly name: QueueName;
    readonly waiting: number;
    readonly oldestSeconds: number;
    readonly late: boolean;
  }[];
  readonly ladder: { readonly late: number; readonly driftSeconds: number; readonly causesMended: number };
  readonly gateways: readonly Gateway[];
  readonly storage: {
    readonly databaseBytes: number;
    readonly blobs: number;
    readonly receiving: number;
    readonly freeBytes: number | null;
  };
  readonly statements: { readonly lastDay: string | null; readonly broken: number };
  readonly invariants: readonly { readonly name: string; readonly holds: boolean; readonly violations: number }[];
  readonly alarms: readonly { readonly rule: string; readonly since: string }[];
}

export type QueueName =
  | 'steps'
  | 'mail-notices'
  | 'sms-notices'
  | 'events'
  | 'inbox'
  | 'webhooks'
  | 'sender-mail'
  | 'letter-scans'
  | 'file-scans'
  | 'paper'
  | 'jobs';

export interface Gateway {
  readonly channel: 'email' | 'sms';
  readonly state: 'idle' | 'working' | 'failing';
  readonly handedOverLastHour: number;
  readonly failedLastHour: number;
  readonly retried: number;
  readonly lastTakenAt: string | null;
}

const askAgainMillis = 60_000;

export function useInstallation() {
  return useQuery({
    queryKey: ['installation'],
    queryFn: ({ signal }) => ask<Installation>('/budstikke/v1/operator', { signal }),
    refetchInterval: askAgainMillis,
  });
}
