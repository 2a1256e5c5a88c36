import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { tellOtherTabs } from '../ui/leave.ts';
import { ask, query } from './ask.ts';

export type Channel = 'email' | 'sms';

export interface Address {
  readonly id: string;
  readonly channel: Channel;
  readonly address: string;
  readonly source: 'register' | 'krr' | 'own';
  /** A person's, for post to this organization. */
  readonly at: { readonly id: string; readonly name: string; readonly resources: readonly string[] | null } | null;
  readonly confirmedAt: string;
  readonly staleAt: string;
  readonly stale: boolean;
}

export interface Proof {
  readonly id: string;
  readonly channel: Channel;
  readonly address: string;
  /** An address that stands and is confirmed anew. */
  readonly confirms: string | null;
  readonly expiresAt: string;
}

export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

export interface Addresses {
  readonly party: { readonly id: string; readonly name: string; readonly kind: 'person' | 'organization'; readonly reserved: boolean };
  readonly addresses: readonly Address[];
  readonly waiting: readonly Proof[];
  readonly quietHours: QuietHours | null;
}

export interface NewAddress {
  readonly party: string;
  readonly channel: Channel;
  readonly address: string;
  readonly at?: string;
}

const base = '/budstikke/v1/contact-addresses';

export function useAddresses(party: string | undefined) {
  return useQuery({
    queryKey: ['addresses', party],
    enabled: party !== undefined,
    queryFn: ({ signal }) => ask<Addresses>(`${base}${query({ party })}`, { signal }),
  });
}

function useRefreshAddresses() {
  const queries = useQueryClient();
  return async () => {
    tellOtherTabs('changed');
    await queries.invalidateQueries({ queryKey: ['addresses'] });
  };
}

export function useAddAddress() {
  const refresh = useRefreshAddresses();
  return useMutation({ mutationFn: (body: NewAddress) => ask<Proof>(base, { method: 'POST', body }), onSuccess: refresh });
}

/** A code to an address that stands. */
export function useConfirmAnew() {
  const refresh = useRefreshAddresses();
  return useMutation({ mutationFn: (id: string) => ask<Proof>(`${base}/${id}/code`, { method: 'POST' }), onSuccess: refresh });
}

export function useProve() {
  const refresh = useRefreshAddresses();
  return useMutation({
    mutationFn: ({ id, code }: { readonly id: string; readonly code: string }) =>
      ask<Address>(`${base}/proofs/${id}`, { method: 'POST', body: { code } }),
    onSuccess: refresh,
  });
}

export function useRemoveAddress() {
  const refresh = useRefreshAddresses();
  return useMutation({ mutationFn: (id: string) => ask(`${base}/${id}`, { method: 'DELETE' }), onSuccess: refresh });
}

export function useSetQuietHours(party: string) {
  const refresh = useRefreshAddresses();
  return useMutation({
    mutationFn: (quietHours: QuietHours | null) => ask<Addresses>(`${base}/quiet-hours`, { method: 'PUT', body: { party, quietHours } }),
    onSuccess: refresh,
  });
}
