import { type HandOver, type SmsPort, shortAnswer } from '../ports.ts';

export interface GatewayOptions {
  readonly url: string;
  readonly timeoutMillis?: number;
}

/**
 * An SMS gateway over HTTP: `POST {id, to, text}` as JSON, with the id as `Idempotency-Key` too. 2xx: taken. 400 and 422:
 * this message is refused for good. Every other answer (a wrong address or key of ours among them), a time-out and no
 * connection concern all messages, and pass: later. Redirections are not followed.
 */
export function createGatewaySms({ url, timeoutMillis = 10_000 }: GatewayOptions): SmsPort {
  return {
    async send({ id, to, text }) {
      if (!/^\+[1-9]\d{6,14}$/.test(to)) return { kind: 'refused', answer: 'not a telephone number', reason: 'address-rejected' };
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': id },
          body: JSON.stringify({ id, to, text }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMillis),
        });
        return judge(response.status, await beginningOf(response));
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        return {
          kind: 'later',
          answer: name === 'TimeoutError' ? 'the gateway did not answer in time' : 'the gateway could not be reached',
        };
      }
    },
  };
}

function judge(status: number, text: string): HandOver {
  const answer = shortAnswer(`${status} ${text}`);
  if (status >= 200 && status < 300) return { kind: 'handed-over', answer };
  if (status !== 400 && status !== 422) return { kind: 'later', answer };
  return { kind: 'refused', answer, reason: 'address-rejected' };
}

/** The first 2 kB of an answer: a gateway that pours out more is not listened to. */
async function beginningOf(response: Response): Promise<string> {
  if (!response.body) return '';
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 2048) break;
  }
  return text;
}
