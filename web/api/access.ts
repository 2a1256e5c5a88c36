import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { tellOtherTabs } from '../ui/leave.ts';
import { ask, query } from './ask.ts';
import { useParty } from './session.ts';

export interface Sealed {
  readonly id: string;
  readonly party: { readonly id: string; readonly name: string; readonly number: string | null };
  readonly sender: { readonly name: string; readonly organizationNumber: string | null };
  readonly publishedAt: string;
  readonly ageDays: number;
  readonly confidential: boolean;
  /** Its sender lets it lie unread. */
  readonly isLetLie: boolean;
  readonly right: {
    readonly packages: readonly string[];
    readonly resource: string | null;
    readonly resourceTitle: Readonly<Record<'nb' | 'nn' | 'en', string>> | null;
  };
}

export interface Grant {
  readonly id: string;
  readonly at: string;
  readonly to: string;
  readonly toName: string;
  readonly package: string | null;
  /** Null beside a package, and of a confidential service that is not named. */
  readonly resource: string | null;
  readonly title: Readonly<Record<'nb' | 'nn' | 'en', string>> | null;
  readonly instance: string | null;
  readonly actions: readonly string[];
  readonly until: string | null;
  readonly reason: string | null;
  readonly grantedByName: string | null;
  readonly createdAt: string;
}

export interface AccessRequest {
  readonly id: string;
  readonly status: string;
  readonly to: { readonly id: string; readonly name: string };
  readonly requestedBy: { readonly name: string };
  readonly resource: { readonly referenceId: string } | null;
  readonly package: { readonly referenceId: string; readonly name: Readonly<Record<'nb' | 'nn' | 'en', string>> | null } | null;
  readonly createdAt: string;
}

export interface Connected {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

const enduser = '/accessmanagement/api/v1/enduser';

export function partyReference(id: string): string {
  return `urn:altinn:party:uuid:${id}`;
}

export function personReference(number: string): string {
  return `urn:altinn:person:identifier-no:${number}`;
}

/** Post that nobody can open, wherever the person could give access. */
export function useSealed() {
  return useInfiniteQuery({
    queryKey: ['sealed'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ sealed: readonly Sealed[]; next: string | null }>(`/budstikke/v1/sealed${query({ after: pageParam })}`, { signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function useGrants(party: string | undefined, q = '') {
  return useInfiniteQuery({
    queryKey: ['grants', party, q],
    enabled: party !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ grants: readonly Grant[]; next: string | null }>(
        `/budstikke/v1/grants${query({ at: party && partyReference(party), q, after: pageParam })}`,
        { signal },
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** With whom one message is shared; of one who does not administer access there only what is given to them. */
export function useSharedWith(party: string, message: string, asked: boolean) {
  return useQuery({
    queryKey: ['grants', 'of', message],
    enabled: asked,
    queryFn: ({ signal }) =>
      ask<{ readonly grants: readonly Grant[] }>(`/budstikke/v1/grants${query({ at: partyReference(party), instance: message })}`, {
        signal,
      }),
  });
}

/** People that the party is connected with already. */
/** Those who hold something at the party itself; nobody is asked for where there is none. */
function useConnected(party: string | null | undefined) {
  return useQuery({
    queryKey: ['connected', party],
    queryFn: ({ signal }) => ask<{ data: readonly Connected[] }>(`${enduser}/connections/users${query({ party: party! })}`, { signal }),
    enabled: typeof party === 'string',
  });
}

/** The people at a party, and at the main unit where it is a subunit, whose people have their rights there. Undefined until they are known. */
export function usePeopleAt(party: string): readonly Connected[] | undefined {
  const itself = useParty(party);
  const here = useConnected(party);
  const above = useConnected(itself.data?.parent);
  if (itself.isLoading || here.isLoading || above.isLoading) return undefined;
  const all = [...(here.data?.data ?? []), ...(above.data?.data ?? [])].filter(({ type }) => type === 'Person');
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

/** Why somebody was given access: so many characters. */
export const longestReason = 1000;

export interface NewGrant {
  readonly at: string;
  readonly to: string;
  readonly lastName?: string;
  readonly package?: string;
  readonly resource?: string;
  readonly instance?: string;
  readonly actions?: readonly string[];
  readonly until?: string;
  readonly reason?: string;
}

function useRefreshAccess() {
  const queries = useQueryClient();
  return async () => {
    tellOtherTabs('changed');
    const keys = ['sealed', 'grants', 'requests', 'inbox', 'parties', 'connected', 'coverage'];
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
}

export function useGiveAccess() {
  const refresh = useRefreshAccess();
  return useMutation({ mutationFn: (body: NewGrant) => ask<Grant>('/budstikke/v1/grants', { method: 'POST', body }), onSuccess: refresh });
}

export function useRestoreAccess() {
  const refresh = useRefreshAccess();
  return useMutation({
    mutationFn: (id: string) => ask<Grant>(`/budstikke/v1/grants/${id}/restore`, { method: 'POST' }),
    onSuccess: refresh,
  });
}

/** The outside of one envelope: by what it could be opened, and what of that this person may give. */
export interface Envelope {
  readonly right: {
    readonly packages: readonly {
      readonly code: string;
      readonly name: Readonly<Record<'nb' | 'nn' | 'en', string>> | null;
      readonly youMayGive: boolean;
    }[];
  };
}

export function useEnvelope(id: string) {
  return useQuery({ queryKey: ['sealed', 'one', id], queryFn: ({ signal }) => ask<Envelope>(`/budstikke/v1/sealed/${id}`, { signal }) });
}

/** What is opened at once: this message, all of its service, or all that a package opens. */
export interface SealedGift {
  readonly id: string;
  readonly what: 'message' | 'service' | 'package';
  readonly package?: string;
}

/** Lets somebody in to what is sealed. */
export function useUnseal() {
  const refresh = useRefreshAccess();
  return useMutation({
    mutationFn: async ({ id, ...body }: SealedGift & Pick<NewGrant, 'to' | 'lastName' | 'until' | 'reason'>): Promise<readonly Grant[]> => {
      const { grants } = await ask<{ grants: readonly Grant[] }>(`/budstikke/v1/sealed/${id}/grant`, { method: 'POST', body });
      return grants;
    },
    onSuccess: refresh,
  });
}

export function useTakeAccess() {
  const refresh = useRefreshAccess();
  return useMutation({ mutationFn: (id: string) => ask(`/budstikke/v1/grants/${id}`, { method: 'DELETE' }), onSuccess: refresh });
}

export function useRequests(party: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['requests', party],
    enabled: party !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ links: { next: string | null }; data: readonly AccessRequest[] }>(
        pageParam ? pathOf(pageParam) : `${enduser}/request/received${query({ party, status: 'Pending' })}`,
        { signal },
      ),
    getNextPageParam: ({ links }) => links.next ?? undefined,
  });
}

/** The next page comes as a whole address; of it our own server's part is asked. */
function pathOf(address: string): string {
  const { pathname, search } = new URL(address, location.origin);
  return pathname + search;
}

export function useDecideRequest(party: string) {
  const refresh = useRefreshAccess();
  return useMutation({
    mutationFn: ({ id, decision }: { readonly id: string; readonly decision: 'approve' | 'reject' }) =>
      ask(`${enduser}/request/received/${decision}${query({ party, id })}`, { method: 'PUT' }),
    onSuccess: refresh,
  });
}
