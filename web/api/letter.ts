import { useMutation, useQuery } from '@tanstack/react-query';
import { ask, askText } from './ask.ts';
import { useRefresh } from './inbox.ts';

export interface Attachment {
  readonly id: string;
  readonly fileName: string;
  readonly displayName: string | null;
  readonly status: 'Initialized' | 'UploadProcessing' | 'Published' | 'Purged' | 'Failed' | 'Expired';
  readonly expirationTime: string | null;
}

/** A message as the Correspondence API shows it to one who may look. */
export interface Letter {
  readonly correspondenceId: string;
  readonly resourceId: string;
  readonly messageSender: string;
  readonly sendersReference: string;
  readonly content: {
    readonly language: string;
    readonly messageTitle: string;
    readonly messageSummary: string | null;
    readonly attachments: readonly Attachment[];
  };
  readonly dueDateTime: string | null;
  readonly replyOptions: readonly { readonly linkURL: string; readonly linkText: string | null }[];
  readonly isConfirmationNeeded: boolean;
  readonly isConfidential: boolean;
  readonly allowForwarding: boolean;
  readonly status: string;
  readonly published: string | null;
}

const base = '/correspondence/api/v1/correspondence';

export function attachmentAddress(letterId: string, attachmentId: string): string {
  return `${base}/${letterId}/attachment/${attachmentId}/download`;
}

export function allAttachmentsAddress(letterId: string): string {
  return `${base}/${letterId}/attachments/downloadall`;
}

export function useLetter(id: string, asked: boolean) {
  return useQuery({ queryKey: ['letter', id], enabled: asked, queryFn: ({ signal }) => ask<Letter>(`${base}/${id}`, { signal }) });
}

/** The same as its sender sees it. */
export function useSentLetter(id: string, actingFor: string | undefined) {
  return useQuery({
    queryKey: ['sent-letter', actingFor, id],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<Letter>(`${base}/${id}`, { signal, actingFor }),
  });
}

/** The body. Asking for it is what opens the letter, so it is asked once, and only by the page that shows it. */
export function useBody(id: string, asked: boolean) {
  return useQuery({
    queryKey: ['letter-body', id],
    enabled: asked,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    queryFn: ({ signal }) => askText(`${base}/${id}/content`, { signal }),
  });
}

/** What the letter says in one language. */
export interface Wording {
  readonly language: string;
  readonly messageTitle: string;
  readonly messageBody: string;
}

/** The letter in each of its languages, first the one that it was sent in. This opens it as asking for the body does, and is asked once too. */
export function useWordings(id: string, asked: boolean) {
  return useQuery({
    queryKey: ['letter-wordings', id],
    enabled: asked,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    queryFn: async ({ signal }) => {
      const path = `/budstikke/v1/correspondence/${id}/translations`;
      const { original, translations } = await ask<{ original: Wording; translations: Wording[] }>(path, { signal });
      return [original, ...translations];
    },
  });
}

export function useConfirm(id: string) {
  const refresh = useRefresh();
  return useMutation({ mutationFn: () => ask(`${base}/${id}/confirm`, { method: 'POST', body: {} }), onSuccess: refresh });
}

export interface Forwarding {
  readonly forwardTo: string;
  readonly forwardingText?: string;
}

export function useForward(id: string) {
  return useMutation({ mutationFn: (body: Forwarding) => ask(`${base}/${id}/forward`, { method: 'POST', body }) });
}
