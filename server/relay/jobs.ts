import { type AnySweeper, sweeper } from '#jobs/index.ts';
import { handOverLetters } from './hand-over-letters.ts';
import { readStatusFiles } from './status/read-status-files.ts';
import { takeBackLetters } from './take-back-letters.ts';

export const relaySweepers: readonly AnySweeper[] = [
  sweeper({ name: 'relay.hand-over-letters', everySeconds: 5, run: handOverLetters }),
  sweeper({ name: 'relay.take-back-letters', everySeconds: 10, run: takeBackLetters }),
  sweeper({ name: 'relay.read-status-files', everySeconds: 60, run: readStatusFiles }),
];
