import type { Answer } from './answer.ts';

/** Pure. A refusal as a line of text, for protocols whose clients know no problem details; and the headers that each answer has there. */
export function inText<A extends Answer>(served: A, headers: Readonly<Record<string, string>>): A {
  const { body } = served;
  const isProblem = typeof body === 'string' && served.headers['content-type']?.startsWith('application/problem+json');
  if (!isProblem) return { ...served, headers: { ...headers, ...served.headers } };
  const { detail, title } = JSON.parse(body) as { detail?: string; title: string };
  return {
    ...served,
    headers: { ...headers, ...served.headers, 'content-type': 'text/plain; charset=utf-8' },
    body: detail ?? title,
  };
}
