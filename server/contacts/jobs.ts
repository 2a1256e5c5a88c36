import { type AnySweeper, sweeper } from '#jobs/index.ts';
import { askStale } from './ask-stale.ts';
import { askRegister } from './krr/ask-register.ts';

/** Before the steps that wait for answers, and the mail that asks. */
export const contactSweepers: readonly AnySweeper[] = [
  sweeper({ name: 'contacts.ask-register', everySeconds: 1, run: askRegister }),
  sweeper({ name: 'contacts.ask-stale', everySeconds: 3600, run: askStale }),
];
