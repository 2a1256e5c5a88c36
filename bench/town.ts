import { organizationNumberFrom, personNumberFrom } from '../server/sandbox/numbers.ts';

/** The service owner that sends, and what it sends by. */
export const sender = organizationNumberFrom('bench sender');
export const resourceId = 'bench-letters';

export interface BenchRecipient {
  readonly kind: 'person' | 'organization';
  readonly number: string;
}

const title = { nb: 'Målebrev', nn: 'Målebrev', en: 'Letters to be measured' };

/** Citizens and, for each third of them, an organization that one of them runs. Every one can be reached by e-mail. */
export function recipientsOf(count: number): BenchRecipient[] {
  const organizations = Math.max(1, Math.floor(count / 4));
  const people = Array.from({ length: count - organizations }, (_, i) => ({
    kind: 'person' as const,
    number: personNumberFrom(`bench ${i}`),
  }));
  const led = Array.from({ length: organizations }, (_, i) => ({
    kind: 'organization' as const,
    number: organizationNumberFrom(`bench ${i}`),
  }));
  const seen = new Set<string>([sender]);
  return [...people, ...led].filter(({ number }) => !seen.has(number) && seen.add(number));
}

/** The town document that a bench is set up by. */
export function townOf(recipients: readonly BenchRecipient[]): object {
  const people = recipients.filter(({ kind }) => kind === 'person');
  const organizations = recipients.filter(({ kind }) => kind === 'organization');
  const lastLogin = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  return {
    version: 1,
    parties: [
      { kind: 'organization', number: sender, name: 'Måledirektoratet', orgCode: 'bench', unitType: 'ORGL' },
      ...recipients.map(({ kind, number }, i) => ({
        kind,
        number,
        name: kind === 'person' ? `Innbygger ${i}` : `Bedrift ${i}`,
        ...(kind === 'person' ? { lastLogin } : { unitType: 'AS' }),
        contactPoints: [{ channel: 'email', address: `mottaker${i}@bench.example` }],
      })),
    ],
    roles: organizations.map(({ number }, i) => ({ holder: people[i % people.length]!.number, role: 'DAGL', at: number })),
    resources: [{ id: resourceId, type: 'CorrespondenceService', owner: sender, title }],
  };
}

export function urnOf({ kind, number }: BenchRecipient): string {
  return `urn:altinn:${kind}:identifier-no:${number}`;
}
