import bodies from './letters.json';

interface FirstLetter {
  readonly key: string;
  readonly owner: string;
  readonly recipient: string;
  readonly resourceId: string;
  readonly title: string;
  readonly body: string;
  readonly isConfirmationNeeded?: boolean;
  readonly isConfidential?: boolean;
}

const api = '/correspondence/api/v1/correspondence';
const scopes = 'altinn:serviceowner altinn:correspondence.write altinn:correspondence.read';

/**
 * Puts the town's first letters into a sandbox, as their senders' systems would: with a token and the API. Each has an
 * idempotency key of its own, so that a second visitor sends nothing twice.
 */
export async function sendFirstLetters(): Promise<true> {
  await Promise.all(bodies.map(sendOne));
  return true;
}

async function sendOne(letter: FirstLetter): Promise<void> {
  const asked = new URLSearchParams({ env: 'tt02', orgNo: letter.owner, scopes });
  const token = await fetch(`/api/GetEnterpriseToken?${asked}`);
  if (!token.ok) throw new Error(`no token for ${letter.owner}: ${token.status}`);
  const sent = await fetch(api, {
    method: 'POST',
    headers: { authorization: `Bearer ${(await token.text()).trim()}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      correspondence: {
        resourceId: letter.resourceId,
        sendersReference: letter.key,
        isConfirmationNeeded: letter.isConfirmationNeeded ?? false,
        isConfidential: letter.isConfidential ?? false,
        ...(letter.isConfirmationNeeded ? { dueDateTime: await inThreeWeeks() } : {}),
        content: { language: 'nb', messageTitle: letter.title, messageSummary: '', messageBody: letter.body },
      },
      recipients: [letter.recipient],
      idempotentKey: letter.key,
    }),
  });
  // 409: another visitor was here before.
  if (!sent.ok && sent.status !== 409) throw new Error(`not sent: ${sent.status}`);
}

/** By the sandbox's own clock, which may be far ahead of ours. */
async function inThreeWeeks(): Promise<string> {
  const clock = await fetch('/budstikke/v1/sandbox/clock');
  const { now } = (await clock.json()) as { now: string };
  return new Date(Date.parse(now) + 21 * 86_400_000).toISOString();
}
