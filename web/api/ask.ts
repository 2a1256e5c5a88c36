/** The server said no, in its own words: problem details with a code, and the reference that its log knows. */
export class Refusal extends Error {
  readonly status: number;
  /** The number of the catalogue (1001, 9501, …), where there is one. */
  readonly code: number | null;
  /** The same with what catalogue it is of: `CORR-01001`. */
  readonly row: string | null;
  readonly reference: string | null;

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? problem.title ?? '');
    this.status = status;
    this.code = problem.errorCode ?? null;
    this.row = problem.code ?? null;
    this.reference = problem.traceId ?? null;
  }
}

/** No answer came: no network, or no server. */
export class Unreachable extends Error {}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly errorCode?: number;
  readonly traceId?: string;
}

export interface Question {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** A form with files, instead of a body. */
  readonly form?: FormData;
  /** Lines of JSON, instead of a body. */
  readonly lines?: string;
  /** A file as it is, instead of a body. */
  readonly bytes?: Blob;
  readonly signal?: AbortSignal;
  readonly accept?: string;
  /** The organization that one acts for, as a sender. */
  readonly actingFor?: string;
  /** It is the session itself that is asked for: a no needs no asking again. */
  readonly isSession?: boolean;
}

let csrfToken = '';
const endListeners = new Set<() => void>();

/** Whatever changes something is sent with this; the session hands it out. */
export function rememberCsrfToken(token: string): void {
  csrfToken = token;
}

/** For requests that do not go by `ask`, such as those of an upload. */
export function currentCsrfToken(): string {
  return csrfToken;
}

/** An answer that did not go by `ask` says that perhaps nobody is logged in any more. */
export function perhapsLoggedOut(): void {
  for (const listener of endListeners) listener();
}

/** Calls back when an answer says that nobody is logged in any more. */
export function onPerhapsLoggedOut(listener: () => void): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

/** Asks our own server, and gives the answer's JSON. Refuses with Refusal or Unreachable. */
export async function ask<T>(path: string, question: Question = {}): Promise<T> {
  const response = await send(path, question);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** The same for what is text, such as the body of a letter. */
export async function askText(path: string, question: Question = {}): Promise<string> {
  return (await send(path, { accept: 'text/plain', ...question })).text();
}

async function send(
  path: string,
  { method = 'GET', body, form, lines, bytes, signal, accept = 'application/json', isSession = false, actingFor }: Question,
): Promise<Response> {
  const headers: Record<string, string> = { accept };
  if (actingFor) headers['x-acting-for'] = actingFor;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (lines !== undefined) headers['content-type'] = 'application/x-ndjson';
  if (bytes !== undefined) headers['content-type'] = 'application/octet-stream';
  if (method !== 'GET') headers['x-csrf-token'] = csrfToken;
  const response = await fetch(path, {
    method,
    headers,
    credentials: 'same-origin',
    signal: signal ?? null,
    body: form ?? lines ?? bytes ?? (body === undefined ? null : JSON.stringify(body)),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable();
  });
  if (response.ok) return response;
  const refusal = new Refusal(response.status, await readProblem(response));
  // To one who is logged in and has no right the Altinn APIs say 401 too: the session itself knows which it is.
  if (!isSession && (refusal.status === 401 || refusal.status === 403)) perhapsLoggedOut();
  throw refusal;
}

/** Problem details, or, where the original answers so, the bare text of what is wrong. */
async function readProblem(response: Response): Promise<Problem> {
  try {
    const said: unknown = await response.json();
    if (typeof said === 'string') return { detail: said };
    return typeof said === 'object' && said !== null ? (said as Problem) : {};
  } catch {
    return {};
  }
}

/** A query string of what is set. */
export function query(values: Readonly<Record<string, string | number | boolean | null | undefined>>): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false);
  return set.length === 0 ? '' : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`;
}
