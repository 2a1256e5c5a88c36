import type { InvariantContext } from '#desk/index.ts';
import type { Queue } from '#kernel/queue.ts';
import type { Operator } from '#session/index.ts';

/** What there is to know of the installation that no database tells. */
export interface OperatorContext extends InvariantContext {
  readonly operator: Operator;
  readonly queues: readonly Queue[];
  readonly installation: {
    readonly version: string;
    readonly mode: 'sandbox' | 'production';
    /** Where bytes lie on this machine; null for an object store. */
    readonly directory: string | null;
  };
}
