import { ConnectionLost, FileChanged, Refused } from '../../sdk/index.ts';
import { ToldError } from '../told-error.ts';
import { exitCodes, Misused, OtherBytes } from './exit-codes.ts';
import { createOutput, type Output } from './output.ts';
import { NotPublished } from './send.ts';

/** Runs one command to its exit code: what went wrong is told in a sentence, and as JSON where that was asked for. */
export async function runTransfer(isJson: boolean | undefined, work: (output: Output) => Promise<void>): Promise<void> {
  const output = createOutput(isJson ?? false);
  const interrupt = (): void => {
    output.note('\nInterrupted. The same command goes on from where it was.');
    process.exit(exitCodes.interrupted);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    await work(output);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    tell(error as Error, output);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

const otherBytes = new Set<string>(['holdsOther', 'holdsOtherConfirmed', 'checksumMismatch']);

export function exitCodeOf(error: unknown): number {
  if (error instanceof OtherBytes || error instanceof FileChanged) return exitCodes.otherBytes;
  if (error instanceof ConnectionLost) return exitCodes.unreachable;
  if (error instanceof NotPublished) return exitCodes.refused;
  if (error instanceof Misused) return exitCodes.usage;
  if (!(error instanceof Refused)) return exitCodes.fault;
  if (error.refusal === 'unauthenticated' || error.refusal === 'scopeMissing') return exitCodes.unauthenticated;
  if (otherBytes.has(error.refusal)) return exitCodes.otherBytes;
  return error.status >= 500 || error.status === 429 ? exitCodes.unreachable : exitCodes.refused;
}

/** Errors of ours, and of files, are a sentence; anything else is a fault of this program and shows where it happened. */
export function tell(error: Error, output: Output, of?: { readonly about: string; readonly goesOn: boolean }): void {
  const isFaultOfFiles = 'syscall' in error;
  const isKnown = [ToldError, OtherBytes, FileChanged, ConnectionLost, NotPublished, Refused].some((kind) => error instanceof kind);
  const about =
    error instanceof Refused
      ? { name: error.refusal, code: error.code, status: error.status, traceId: error.traceId }
      : { name: error.name };
  output.json({ error: { ...about, detail: error.message, ...(of ? { fileTransferId: of.about } : {}) } });
  if (of) output.note(`${of.about}:${of.goesOn ? ' (the others are fetched all the same)' : ''}`);
  if (error instanceof Refused) output.note(`${error.message} (${[error.refusal, error.code].filter(Boolean).join(', ')})`);
  else output.note(isKnown || isFaultOfFiles ? error.message : (error.stack ?? error.message));
}
