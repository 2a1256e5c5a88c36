import { DetailedError, Upload } from 'tus-js-client';
import { currentCsrfToken, perhapsLoggedOut, Refusal, Unreachable } from '../api/ask.ts';
import { passesOver, rowOf } from './resume.ts';

/** `waiting`: nobody answers, and it goes on by itself. `stopped`: somebody must do something first. */
export type UploadState = 'running' | 'paused' | 'waiting' | 'stopped' | 'done';

export interface Progress {
  readonly state: UploadState;
  readonly sentBytes: number;
  readonly sizeBytes: number;
  /** Why it is stopped. */
  readonly error: Error | null;
}

interface Running {
  readonly id: string;
  readonly actingFor: string;
  readonly file: File;
  progress: Progress;
  tus: Upload | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** How often in a row it has been tried in vain. */
  failures: number;
}

export const tusBase = '/broker/api/v1/filetransfer/upload/tus';

/** Each request brings so much: the session is seen to be in use, and what a server that dies takes along is less. */
const requestBytes = 16 * 1024 * 1024;
const waits = [1000, 2000, 4000, 8000, 15_000, 30_000];

/** Uploads of this tab, outside every page: going to another page stops nothing. A page that is loaded anew has none. */
const uploads = new Map<string, Running>();
const listeners = new Set<() => void>();

export function onUploads(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function progressOf(id: string): Progress | null {
  return uploads.get(id)?.progress ?? null;
}

function show(running: Running, change: Partial<Progress>): void {
  running.progress = { ...running.progress, ...change };
  for (const listener of listeners) listener();
}

/** Uploads a file to a transfer that was announced. `fromBefore`: bytes of it may be there already, and it goes on behind them. */
export function startUpload(id: string, file: File, actingFor: string, fromBefore: boolean): void {
  stopUpload(id);
  const progress: Progress = { state: 'running', sentBytes: 0, sizeBytes: file.size, error: null };
  const running: Running = { id, actingFor, file, progress, tus: null, timer: undefined, failures: 0 };
  uploads.set(id, running);
  send(running, fromBefore);
}

export function pauseUpload(id: string): void {
  const running = uploads.get(id);
  if (!running) return;
  halt(running);
  show(running, { state: 'paused' });
}

export function resumeUpload(id: string): void {
  const running = uploads.get(id);
  if (!running) return;
  running.failures = 0;
  send(running, true);
}

/** Nothing more is sent of it from here, and it is forgotten. */
export function stopUpload(id: string): void {
  const running = uploads.get(id);
  if (!running) return;
  halt(running);
  uploads.delete(id);
  for (const listener of listeners) listener();
}

function halt(running: Running): void {
  clearTimeout(running.timer);
  const { tus } = running;
  running.tus = null;
  void tus?.abort();
}

function send(running: Running, fromBefore: boolean): void {
  const { id, file, actingFor } = running;
  halt(running);
  // The token of whoever is logged in now: if somebody else is later, nothing more goes in their name until they say so.
  const headers = { 'x-csrf-token': currentCsrfToken(), 'x-acting-for': actingFor };
  const address = `${tusBase}/${id}`;
  const mine = (): boolean => running.tus === tus;
  const tus = new Upload(file, {
    endpoint: address,
    uploadUrl: fromBefore ? address : null,
    headers,
    chunkSize: requestBytes,
    retryDelays: null,
    storeFingerprintForResuming: false,
    metadata: { filename: file.name, lastModified: String(file.lastModified) },
    onProgress: (sentBytes) => {
      if (mine()) show(running, { sentBytes });
    },
    onChunkComplete: () => {
      running.failures = 0;
    },
    onSuccess: () => {
      if (!mine()) return;
      running.tus = null;
      show(running, { state: 'done', sentBytes: file.size });
    },
    onError: (error) => {
      if (mine()) failed(running, error);
    },
  });
  running.tus = tus;
  show(running, { state: 'running', error: null });
  tus.start();
}

function failed(running: Running, fault: Error): void {
  running.tus = null;
  running.failures += 1;
  const error = meaningOf(fault);
  if (!passesOver(error, running.failures)) {
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) perhapsLoggedOut();
    show(running, { state: 'stopped', error });
    return;
  }
  show(running, { state: 'waiting' });
  const wait = waits[Math.min(running.failures, waits.length) - 1]!;
  running.timer = setTimeout(() => send(running, true), wait);
}

/** What the server said, or that it said nothing; a file that can no longer be read fails as it is. */
function meaningOf(fault: Error): Error {
  if (!(fault instanceof DetailedError)) return fault;
  const answer = fault.originalResponse;
  if (!answer || answer.getStatus() === 0) return fault.causingError?.name === 'NotReadableError' ? fault.causingError : new Unreachable();
  return new Refusal(answer.getStatus(), { detail: answer.getBody(), code: rowOf(answer.getBody()) });
}

/** The network is back: whoever waits goes on at once. */
addEventListener('online', () => {
  for (const running of uploads.values()) if (running.progress.state === 'waiting') send(running, true);
});

/** A page that is left takes its uploads along; the browser asks first. */
addEventListener('beforeunload', (event) => {
  const isSending = [...uploads.values()].some(({ progress: { state } }) => state === 'running' || state === 'waiting');
  if (isSending) event.preventDefault();
});
