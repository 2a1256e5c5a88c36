/** The least that is measured: CPU time is counted in ticks of some milliseconds. */
const leastMicros = 30_000;
const tries = 3;

/**
 * How many times the work grows when its input is four times as large: about 4 where it is linear, 16 where it is quadratic.
 * In CPU time of this thread, the least of several tries, so that what else the machine does is not counted.
 */
export function growthOf(work: (size: number) => void, size: number): number {
  let rounds = 1;
  while (cpuMicros(() => work(size), rounds) < leastMicros) rounds *= 2;
  const least = (of: number): number => Math.min(...Array.from({ length: tries }, () => cpuMicros(() => work(of), rounds)));
  return least(4 * size) / least(size);
}

function cpuMicros(work: () => void, rounds: number): number {
  const before = process.threadCpuUsage();
  for (let i = 0; i < rounds; i++) work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}
