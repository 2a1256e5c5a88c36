import { describeFault } from './kernel/fault.ts';
import type { Log } from './kernel/log.ts';

/** When this process shall end, and with which exit code. */
export interface End {
  /** Resolves with the exit code once somebody has asked. */
  readonly asked: Promise<number>;
  isAsked(): boolean;
  ask(code: number): void;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Listens for what ends a server: a signal (0), or an error that nobody handled (1). A signal that comes again changes
 * nothing: Ctrl-C reaches a program that npm started twice, once from the terminal and once from npm, and the second
 * must not kill it before its database is stopped.
 */
export function listenForEnd(log: Log): End {
  let resolveAsked: (code: number) => void = () => {};
  let code: number | undefined;
  const asked = new Promise<number>((resolve) => {
    resolveAsked = resolve;
  });
  const ask = (wanted: number): void => {
    code ??= wanted;
    resolveAsked(code);
  };

  for (const signal of signals) {
    process.on(signal, () => {
      if (code === undefined) log.info({ signal }, 'stopping');
      ask(0);
    });
  }
  process.on('uncaughtException', (error) => {
    log.error(describeFault(error), 'an error that nobody handled; stopping');
    ask(1);
  });
  // Whoever read our output has gone; that is no reason to leave a database behind.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return { asked, isAsked: () => code !== undefined, ask };
}
