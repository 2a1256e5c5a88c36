import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isSomebodyHere } from '../ui/somebody.ts';
import { ask, query } from './ask.ts';

export const webhookStates = ['Unvalidated', 'Active', 'Paused'] as const;
export const deliveryStates = ['Pending', 'Delivered', 'GivenUp', 'Withheld'] as const;

/** Where somebody's system is told of events, and how that fares. */
export interface Webhook {
  readonly id: number;
  readonly endPoint: string;
  readonly resourceFilter: string;
  readonly typeFilter: string | null;
  readonly subjectFilter: string | null;
  readonly alternativeSubjectFilter: string | null;
  readonly sourceFilter: string | null;
  readonly consumer: string;
  readonly created: string;
  readonly state: (typeof webhookStates)[number];
  readonly lastNumber: number;
  readonly pending: number;
  readonly failures: number;
  readonly failingSince: string | null;
  readonly nextAttemptAt: string | null;
  readonly pausedAt: string | null;
  readonly madeBy: string | null;
}

export interface Delivery {
  readonly number: number;
  readonly eventId: string;
  readonly type: string;
  readonly resourceInstance: string;
  readonly at: string;
  readonly state: (typeof deliveryStates)[number];
  readonly attempts: number;
  readonly lastAnswer: string | null;
  readonly nextAttemptAt: string | null;
  readonly changedAt: string;
}

const base = '/budstikke/v1/subscriptions';

/** Deliveries go on by themselves; they are asked for again while somebody looks, and sooner where something is under way. */
const askAgain = (isUnderWay: boolean) => (isSomebodyHere() ? (isUnderWay ? 5_000 : 15_000) : false);
const waits = ({ state, pending }: Webhook): boolean => state === 'Unvalidated' || (state === 'Active' && pending > 0);

export function useWebhooks(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['webhooks', actingFor],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<{ subscriptions: readonly Webhook[] }>(base, { signal, actingFor: actingFor! }),
    refetchInterval: ({ state }) => askAgain(state.data?.subscriptions.some(waits) ?? false),
  });
}

export function useWebhook(actingFor: string, id: string) {
  return useQuery({
    queryKey: ['webhook', actingFor, id],
    queryFn: ({ signal }) => ask<Webhook>(`${base}/${encodeURIComponent(id)}`, { signal, actingFor }),
    refetchInterval: ({ state }) => askAgain(state.data !== undefined && waits(state.data)),
  });
}

/** The log of one webhook, newest first. */
export function useDeliveries(actingFor: string, id: number, state: Delivery['state'] | undefined) {
  return useInfiniteQuery({
    queryKey: ['deliveries', actingFor, id, state],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => {
      const path = `${base}/${id}/deliveries${query({ sort: 'newest', state, after: pageParam || null })}`;
      return ask<{ deliveries: readonly Delivery[]; next: number | null }>(path, { signal, actingFor });
    },
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state }) => askAgain(state.data?.pages[0]?.deliveries.some((each) => each.state === 'Pending') ?? false),
  });
}

function useRefresh() {
  const queries = useQueryClient();
  return () => Promise.all(['webhooks', 'webhook', 'deliveries'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
}

export interface NewWebhook {
  readonly endPoint: string;
  readonly resourceFilter: string;
  readonly typeFilter: string | null;
}

/** The secret is shown this once; null where the very same stood already. */
export function useMakeWebhook(actingFor: string) {
  return useMutation({
    mutationFn: (body: NewWebhook) => ask<Webhook & { readonly secret: string | null }>(base, { method: 'POST', body, actingFor }),
    onSuccess: useRefresh(),
  });
}

/** `validate` asks the endpoint once more whether it wants events. */
export type Tending = 'pause' | 'resume' | 'validate' | 'delete';

export function useTendWebhook(actingFor: string, id: number) {
  return useMutation({
    mutationFn: (what: Tending) => {
      if (what === 'validate') return ask(`/events/api/v1/subscriptions/validate/${id}`, { method: 'PUT', actingFor });
      if (what === 'delete') return ask(`${base}/${id}`, { method: 'DELETE', actingFor });
      return ask(`${base}/${id}/${what}`, { method: 'POST', actingFor });
    },
    onSuccess: useRefresh(),
  });
}

export function useNewSecret(actingFor: string, id: number) {
  return useMutation({ mutationFn: () => ask<{ readonly secret: string }>(`${base}/${id}/secret`, { method: 'POST', actingFor }) });
}

export function useReplay(actingFor: string, id: number) {
  return useMutation({
    mutationFn: (body: { readonly from: string; readonly to?: string }) =>
      ask<{ readonly again: number; readonly added: number }>(`${base}/${id}/replay`, { method: 'POST', body, actingFor }),
    onSuccess: useRefresh(),
  });
}

export interface Tested {
  readonly isTaken: boolean;
  readonly answer: string;
  readonly tookMillis: number;
}

/** Posts a test event to the endpoint now. */
export function useTestWebhook(actingFor: string, id: number) {
  return useMutation({ mutationFn: () => ask<Tested>(`${base}/${id}/test`, { method: 'POST', actingFor }) });
}

/** By which keys something can be done for an organization. Moments are to the hour. */
export interface Keys {
  readonly clients: readonly {
    readonly clientId: string;
    readonly isRegistered: boolean;
    readonly keyId: string | null;
    readonly keyType: string | null;
    readonly scopes: readonly string[];
    readonly lastSeenAt: string | null;
  }[];
  readonly systems: readonly {
    readonly id: string;
    readonly title: string;
    readonly systemId: string;
    readonly kind: 'standard' | 'agent';
    readonly vendorName: string | null;
    readonly clients: readonly { readonly clientId: string; readonly lastSeenAt: string | null }[];
  }[];
  readonly certificates: readonly {
    readonly thumbprint: string;
    readonly validTo: string;
    readonly firstSeenAt: string;
    readonly lastSeenAt: string;
  }[];
  readonly webhooks: readonly {
    readonly id: number;
    readonly endPoint: string;
    readonly state: Webhook['state'];
    readonly formerUntil: string | null;
  }[];
  /** Where each kind goes on; null at its end. */
  readonly next: Readonly<Record<KeyKind, string | null>>;
}
export type KeyKind = 'clients' | 'systems' | 'certificates';

export function useKeys(actingFor: string) {
  return useQuery({ queryKey: ['keys', actingFor], queryFn: ({ signal }) => ask<Keys>('/budstikke/v1/keys', { signal, actingFor }) });
}

/** What there is of one kind behind the first two hundred. Nothing is asked for before somebody wants to see it. */
export function useMoreKeys<Kind extends KeyKind>(actingFor: string, kind: Kind, from: string | null) {
  const keys = useInfiniteQuery({
    queryKey: ['keys', actingFor, kind, from],
    enabled: false,
    initialPageParam: from ?? '',
    queryFn: ({ pageParam, signal }) => ask<Keys>(`/budstikke/v1/keys${query({ kind, after: pageParam })}`, { signal, actingFor }),
    getNextPageParam: ({ next }) => next[kind] ?? undefined,
  });
  return {
    ...keys,
    rows: keys.data?.pages.flatMap((page): Keys[Kind][number][] => [...page[kind]]) ?? [],
    hasNextPage: keys.data === undefined ? from !== null : keys.hasNextPage,
  };
}

interface Right {
  readonly action?: string;
  readonly resource: readonly { readonly id: string; readonly value: string }[];
}

export interface SystemUser {
  readonly id: string;
  readonly integrationTitle: string;
  readonly systemId: string;
  readonly supplierName: string | null;
  readonly supplierOrgNo: string | null;
  readonly systemUserType: 'standard' | 'agent';
  readonly accessPackages: readonly { readonly urn: string }[];
  readonly created: string;
}

export interface SystemRequest {
  readonly id: string;
  readonly systemId: string;
  readonly integrationTitle: string;
  readonly rights: readonly Right[];
  readonly accessPackages: readonly { readonly urn: string }[];
  /** Of a request that changes a system user that is there. */
  readonly unwantedRights?: readonly Right[];
  readonly unwantedAccessPackages?: readonly { readonly urn: string }[];
  readonly userType: 'standard' | 'agent';
  readonly created: string;
}

const platform = '/authentication/api/v1/systemuser';

/** Systems that may act for the organization, those of its own and those that act for its clients. */
export function useSystemUsers(party: string | undefined) {
  return useQuery({
    queryKey: ['system-users', party],
    enabled: party !== undefined,
    queryFn: async ({ signal }) => {
      const both = [`${platform}/${party}`, `${platform}/agent/${party}`];
      return (await Promise.all(both.map((path) => ask<readonly SystemUser[]>(path, { signal })))).flat();
    },
  });
}

/** What vendors ask of the organization and is not answered. */
export function useSystemRequests(party: string | undefined) {
  return useQuery({
    queryKey: ['system-requests', party],
    enabled: party !== undefined,
    queryFn: ({ signal }) => ask<readonly SystemRequest[]>(`/budstikke/v1/system-user-requests/${party}`, { signal }),
  });
}

function useRefreshSystems() {
  const queries = useQueryClient();
  return () => Promise.all(['system-users', 'system-requests', 'grants'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
}

export const isChange = (request: SystemRequest): boolean => request.unwantedRights !== undefined;

export function useDecideSystem(party: string, request: SystemRequest) {
  const kind = isChange(request) ? 'changerequest' : 'request';
  return useMutation({
    mutationFn: (decision: 'approve' | 'reject') => ask(`${platform}/${kind}/${party}/${request.id}/${decision}`, { method: 'POST' }),
    onSuccess: useRefreshSystems(),
  });
}

export function useEndSystem(party: string) {
  return useMutation({
    mutationFn: (id: string) => ask(`${platform}/${party}/${id}`, { method: 'DELETE' }),
    onSuccess: useRefreshSystems(),
  });
}

type Texts = Readonly<Partial<Record<'nb' | 'nn' | 'en', string>>>;

/** What a vendor says of its system. */
export function useSystem(systemId: string) {
  return useQuery({
    queryKey: ['system', systemId],
    queryFn: ({ signal }) =>
      ask<{ readonly systemVendorOrgName: string; readonly name: Texts; readonly description: Texts }>(
        `/authentication/api/v1/systemregister/${encodeURIComponent(systemId)}`,
        { signal },
      ),
    staleTime: 300_000,
  });
}

/** What a service of anybody is called. */
export function useServiceTitle(id: string | undefined) {
  return useQuery({
    queryKey: ['resource', id],
    enabled: id !== undefined,
    queryFn: ({ signal }) => ask<{ readonly title?: Texts }>(`/resourceregistry/api/v1/resource/${encodeURIComponent(id!)}`, { signal }),
    staleTime: 300_000,
  });
}
