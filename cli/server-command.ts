import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../server/main.ts', import.meta.url));

/**
 * Runs a command of the server, here on its machine and with its settings (BUDSTIKKE_…), and gives its exit code. `input` is
 * what it reads. Signals are handed on, so that it can end cleanly; Ctrl-C reaches it by the terminal.
 */
export async function runServerCommand(args: readonly string[], input?: string): Promise<number> {
  const child = spawn(process.execPath, [main, ...args], { stdio: [input === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'] });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
