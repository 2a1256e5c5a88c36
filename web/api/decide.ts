import { useMutation, useQueryClient } from '@tanstack/react-query';
import { tellOtherTabs } from '../ui/leave.ts';
import { ask } from './ask.ts';

export const decisions = ['recall', 'resend', 'read-elsewhere', 'accept-as-unread'] as const;
export type Decision = (typeof decisions)[number];

/** A piece of post with one recipient; files go by the recipient's number. */
export interface Decidable {
  readonly id: string;
  readonly recipient?: string | null;
}

export interface Wish {
  readonly decision: Decision;
  readonly name: string;
  readonly reason: string;
  readonly source?: string;
  /** Of `resend`, about one message: to another recipient. */
  readonly to?: string;
}

export interface DecisionAnswers {
  readonly decided: number;
  readonly answers: readonly {
    readonly id: string;
    readonly resentAs: string | null;
    readonly error: { readonly code: string; readonly text: string } | null;
  }[];
}

/** The server decides so many at once. */
export const mostAtOnce = 500;

/** About one message the server refuses as a whole; about several each is answered by itself. */
export function useDecide(actingFor: string, items: readonly Decidable[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ to, ...wish }: Wish): Promise<DecisionAnswers> => {
      const [one] = items;
      if (items.length === 1 && !one!.recipient) {
        const body = { ...wish, ...(to ? { to } : {}) };
        const path = `/budstikke/v1/correspondence/${one!.id}/decision`;
        const { resentAs } = await ask<{ resentAs: string | null }>(path, { method: 'POST', body, actingFor });
        return { decided: 1, answers: [{ id: one!.id, resentAs, error: null }] };
      }
      return ask<DecisionAnswers>('/budstikke/v1/unread/decisions', { method: 'POST', body: { ...wish, items }, actingFor });
    },
    onSuccess: async () => {
      tellOtherTabs('changed');
      const keys = ['unread', 'unread-summary', 'watch', 'timeline', 'sent'];
      await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
}
