import type { Joiner } from '#db/index.ts';
import type { Asked } from './gather-facts.ts';
import type { Submission } from './plan-submission.ts';

/** Takes requests in, many callers to a transaction. */
export type Sending = Joiner<Asked, Submission>;
