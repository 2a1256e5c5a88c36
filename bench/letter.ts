import { resourceId } from './town.ts';

const bodyBytes = 2048;
const words = 'vedtaket gjelder søknaden om tilskudd til drift av vei og bro for kommunen i året som kommer etter fristen'.split(' ');

/** Words in an order that does not repeat, so that the database cannot press them into nothing. */
function bodyText(): string {
  let text = '';
  for (let seed = 1; Buffer.byteLength(text) < bodyBytes; seed = (seed * 48_271) % 2_147_483_647) text += `${words[seed % words.length]} `;
  return text;
}

export const sendPath = '/correspondence/api/v1/correspondence';

/**
 * A letter with a body of 2 KB, cut where what differs goes: the idempotency key, in a letter to several (which may have none)
 * the sender's reference, and the recipients.
 */
export function letterPieces(perRequest: number): readonly [string, string, string] {
  const letter = {
    correspondence: {
      resourceId,
      sendersReference: perRequest > 1 ? '@unique' : 'bench',
      content: { language: 'nb', messageTitle: 'Vedtak', messageSummary: 'Svar på søknaden din', messageBody: bodyText() },
    },
    ...(perRequest > 1 ? {} : { idempotentKey: '@unique' }),
    recipients: ['@recipients'],
  };
  const [beforeUnique, rest] = JSON.stringify(letter).split('@unique') as [string, string];
  const [beforeRecipients, end] = rest.split('"@recipients"') as [string, string];
  return [beforeUnique, beforeRecipients, end];
}
