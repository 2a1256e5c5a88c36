import { useQuery } from '@tanstack/react-query';
import { ask } from './ask.ts';

interface Names {
  readonly names: readonly { readonly number: string; readonly name: string | null }[];
}

/** Names of organizations by number, 500 at a time. Numbers of persons are not sent: nobody is named by theirs. */
export async function nameOrganizations(actingFor: string, numbers: readonly string[], signal?: AbortSignal): Promise<Map<string, string>> {
  const asked = [...new Set(numbers.filter((number) => /^\d{9}$/.test(number)))].slice(0, 500);
  if (asked.length === 0) return new Map();
  const question = { method: 'POST', body: { numbers: asked }, actingFor, ...(signal ? { signal } : {}) } as const;
  const { names } = await ask<Names>('/budstikke/v1/organizations/names', question);
  return new Map(names.flatMap(({ number, name }) => (name === null ? [] : [[number, name] as const])));
}

/** The name of one organization, for a number that somebody types. */
export function useOrganizationName(actingFor: string, number: string) {
  return useQuery({
    queryKey: ['organization-name', actingFor, number],
    enabled: /^\d{9}$/.test(number),
    staleTime: 600_000,
    queryFn: async ({ signal }) => (await nameOrganizations(actingFor, [number], signal)).get(number) ?? null,
  });
}
