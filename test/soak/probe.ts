import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Loaded into the server that is measured (`--import`): tells each second, in a file, what only a process knows of itself. */
const file = process.env.SOAK_PROBE;
if (file) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  setInterval(() => {
    const told = { loopDelayMillis: delay.percentile(99) / 1e6 };
    delay.reset();
    writeFileSync(`${file}.new`, JSON.stringify(told));
    renameSync(`${file}.new`, file); // whoever reads finds it whole
  }, 1000).unref();
}
