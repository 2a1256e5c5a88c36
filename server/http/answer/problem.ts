import { STATUS_CODES } from 'node:http';
import type { Misfitting } from '#kernel/misfit.ts';
import type { ErrorRow, Refusal } from '#kernel/refusal.ts';

/** What goes out instead of a success: status, media type and text. */
export interface ProblemAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
}

const sections: Readonly<Record<number, string>> = {
  400: '15.5.1',
  401: '15.5.2',
  403: '15.5.4',
  404: '15.5.5',
  405: '15.5.6',
  406: '15.5.7',
  408: '15.5.9',
  409: '15.5.10',
  410: '15.5.11',
  412: '15.5.13',
  413: '15.5.14',
  415: '15.5.16',
  416: '15.5.17',
  422: '15.5.21',
  500: '15.6.1',
  502: '15.6.3',
  503: '15.6.4',
  504: '15.6.5',
};
const elsewhere: Readonly<Record<number, string>> = {
  429: 'https://tools.ietf.org/html/rfc6585#section-4',
  431: 'https://tools.ietf.org/html/rfc6585#section-5',
  451: 'https://tools.ietf.org/html/rfc7725#section-3',
};

/** The page that says what a status means, as the original links it. Source: compatibility.md, correspondence, §1.3. */
function typeOf(status: number): string {
  return elsewhere[status] ?? `https://tools.ietf.org/html/rfc9110#section-${sections[status] ?? (status < 500 ? '15.5' : '15.6')}`;
}

const titles: Readonly<Record<number, string>> = { 500: 'An error occurred while processing your request.', 413: 'Content Too Large' };

function answer(status: number, members: Readonly<Record<string, unknown>>): ProblemAnswer {
  const title = titles[status] ?? STATUS_CODES[status] ?? 'Error';
  return {
    status,
    mediaType: 'application/problem+json; charset=utf-8',
    body: JSON.stringify({ type: typeOf(status), title, status, ...members }),
  };
}

/** Problem details without a code: what the adapter itself refuses, and every fault. */
export function plainProblem(status: number, traceId: string, members: { title?: string; detail?: string } = {}): ProblemAnswer {
  return answer(status, { ...members, traceId });
}

/** The code as it stands on the wire: `CORR-01001`. */
export function wireCode(row: ErrorRow): string {
  return `${row.prefix}-${String(row.code).padStart(5, '0')}`;
}

/** A refusal in the envelope of business errors; a bare row as its text alone, one of OAuth as OAuth has it. Source: compatibility.md, correspondence, §1.3. */
export function refusalProblem(refusal: Refusal, traceId: string): ProblemAnswer {
  const { row, message } = refusal;
  if (row.bare) return { status: row.status, mediaType: 'application/json; charset=utf-8', body: JSON.stringify(message) };
  if (row.oauth !== undefined) {
    const body = JSON.stringify({ error: row.oauth, error_description: message });
    return { status: row.status, mediaType: 'application/json; charset=utf-8', body };
  }
  return answer(row.status, { detail: message, code: wireCode(row), errorCode: row.code, traceId });
}

/** The code of every answer to a shape that does not fit. */
export const validationCode = 'STD-00000';

/** A shape that does not fit: each violation in today's list and in the older map by key. Source: compatibility.md, correspondence, §1.3. */
export function validationProblem(violations: readonly Misfitting[], traceId: string): ProblemAnswer {
  return answer(400, {
    code: validationCode,
    validationErrors: violations.map(({ key, detail }) => ({ code: 'CORR.VLD-00000', detail, paths: [key.replaceAll('.', '/')] })),
    errors: byKey(violations),
    traceId,
  });
}

/** The same as the Broker API's framework says it, without codes. Source: compatibility.md, broker, §1.3. */
export function modelProblem(violations: readonly Misfitting[], traceId: string): ProblemAnswer {
  return answer(400, { title: 'One or more validation errors occurred.', errors: byKey(violations), traceId });
}

function byKey(violations: readonly Misfitting[]): Record<string, string[]> {
  const errors = new Map<string, string[]>();
  for (const { key, detail } of violations) errors.set(key, [...(errors.get(key) ?? []), detail]);
  return Object.fromEntries(errors);
}
