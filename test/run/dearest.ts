/**
 * The files that take longest, longest first, as the end of a run prints them. They are begun first: one that is begun last is waited for by
 * idle cores. It need not be exact, and what is not here takes seconds.
 */
export const theDearest: readonly string[] = [
  'test/weather/uploads.test.ts',
  'test/weather/weather.test.ts',
  'web/journeys.test.ts',
  'test/ports/blobs.test.ts',
  'web/files.test.ts',
  'server/main.test.ts',
  'test/journeys/two-processes.test.ts',
  'cli/transfer/transfer.test.ts',
  'web/hard-times.test.ts',
  'web/figures.test.ts',
  'web/services.test.ts',
  'test/fuzz/fuzz.test.ts',
  'test/ports/blobs-on-swift.test.ts',
  'bench/bench.test.ts',
  'test/year/year.test.ts',
  'server/db/embedded/embedded.test.ts',
  'test/journeys/kill-demo.test.ts',
  'test/weather/ladder.test.ts',
  'test/journeys/kill-upload.test.ts',
  'test/wire/every-route.test.ts',
];
