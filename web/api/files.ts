import { useInfiniteQuery, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { tellOtherTabs } from '../ui/leave.ts';
import { isSomebodyHere } from '../ui/somebody.ts';
import { ask, query } from './ask.ts';
import type { causes } from './board-words.ts';
import type { Decision } from './decide.ts';
import { useRefresh } from './inbox.ts';
import type { openability, outcomes } from './sent.ts';

export interface FileService {
  readonly id: string;
  readonly title: Readonly<Record<'nb' | 'nn' | 'en', string>>;
  readonly confidential: boolean;
  readonly mostBytes: number;
  readonly days: number;
}

export const fileStates = [
  'Initialized',
  'UploadStarted',
  'UploadProcessing',
  'Published',
  'AllConfirmedDownloaded',
  'Purged',
  'Failed',
  'Cancelled',
] as const;
export type FileState = (typeof fileStates)[number];

/** Its bytes have not come: nothing happens by itself. */
export function isNotUploaded(state: FileState | undefined): boolean {
  return state === 'Initialized' || state === 'UploadStarted';
}

export interface SentFile {
  readonly id: string;
  readonly fileName: string;
  readonly sendersReference: string | null;
  readonly status: FileState;
  readonly sizeBytes: number | null;
  readonly createdAt: string;
  readonly publishedAt: string | null;
  /** Its time is over, and it can be sent anew until then. */
  readonly bytesUntil: string | null;
  readonly firstRecipient: string;
  readonly recipients: { readonly all: number; readonly unfetched: number; readonly fetched: number; readonly confirmed: number };
}

export interface FileRecipient {
  readonly name: string;
  readonly number: string;
  readonly status: 'Initialized' | 'DownloadStarted' | 'DownloadConfirmed';
  readonly fetchedAt: string | null;
  readonly confirmedAt: string | null;
  readonly custody: 'whole' | 'broken' | 'confirmed-without-hash' | 'open';
  readonly class: (typeof openability)[number];
  readonly openers: number;
  readonly grantors: number;
  readonly cause: (typeof causes)[number] | null;
  readonly nextStepAt: string | null;
  readonly outcome: (typeof outcomes)[number] | null;
  readonly decisions: readonly Decision[];
}

interface RecipientPage {
  readonly recipients: readonly FileRecipient[];
  readonly canRecall: boolean;
  readonly next: number | null;
}

/** As the Broker API shows a transfer to either side. */
export interface FileTransfer {
  readonly fileTransferId: string;
  readonly resourceId: string;
  readonly fileName: string;
  readonly sendersFileTransferReference: string | null;
  /** As the sender wrote itself: a number after a colon. */
  readonly sender: string;
  readonly fileTransferSize: number;
  readonly fileTransferStatus: FileState;
  readonly created: string;
  readonly published: string | null;
  readonly expirationTime: string;
}

/** Whose hash of the bytes is what; a recipient sees itself alone. */
export interface Custody {
  readonly fileTransferStatus: FileState;
  readonly declared: { readonly sha256: string | null };
  readonly stored: { readonly sha256: string; readonly sizeBytes: number } | null;
  readonly recipients: readonly Pick<FileRecipient, 'status' | 'fetchedAt' | 'confirmedAt' | 'custody'>[];
}

const own = '/budstikke/v1/filetransfer';
const broker = '/broker/api/v1/filetransfer';

/** What is under way is asked for again soon; what waits for people, while somebody looks. */
function askAgain(isUnderWay: boolean): number | false {
  if (!isSomebodyHere()) return false;
  return isUnderWay ? 2000 : 30_000;
}

const underWay: ReadonlySet<FileState> = new Set(['Initialized', 'UploadStarted', 'UploadProcessing']);

export function useFileServices(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['file-services', actingFor],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<{ services: readonly FileService[] }>(`${own}/services`, { signal, actingFor }),
    staleTime: 300_000,
  });
}

export function useSentFiles(actingFor: string | undefined, q?: string) {
  return useInfiniteQuery({
    queryKey: ['sent-files', actingFor, q],
    enabled: actingFor !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ files: readonly SentFile[]; next: string | null }>(`${own}/sent${query({ q, after: pageParam })}`, { signal, actingFor }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: () => askAgain(false),
  });
}

const filesAtOnce = 50;

/** The same of some that are shown already, by their ids: what each is called. */
export function useSentFilesOf(ids: readonly string[], actingFor: string) {
  const parts = Array.from({ length: Math.ceil(ids.length / filesAtOnce) }, (_, i) => ids.slice(i * filesAtOnce, (i + 1) * filesAtOnce));
  return useQueries({
    queries: parts.map((part) => ({
      queryKey: ['sent-files', 'some', actingFor, part],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        ask<{ files: readonly SentFile[] }>(`${own}/sent?${new URLSearchParams(part.map((id) => ['id', id]))}`, { signal, actingFor }),
    })),
    combine: (found) => new Map(found.flatMap(({ data }) => data?.files ?? []).map((file) => [file.id, file])),
  });
}

/** A transfer as its sender sees it. */
export function useSentFile(id: string, actingFor: string | undefined) {
  return useQuery({
    queryKey: ['sent-file', actingFor, id],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<FileTransfer>(`${broker}/${id}`, { signal, actingFor }),
    refetchInterval: ({ state }) => askAgain(state.data ? underWay.has(state.data.fileTransferStatus) : false),
  });
}

export function useFileRecipients(id: string, actingFor: string | undefined, state: FileState | undefined) {
  return useInfiniteQuery({
    queryKey: ['file-recipients', actingFor, id, state],
    enabled: actingFor !== undefined && state !== undefined,
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      ask<RecipientPage>(`${own}/${id}/recipients${query({ after: pageParam || undefined })}`, { signal, actingFor }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: () => askAgain(false),
    placeholderData: (before) => before,
  });
}

/** For a sender when it acts for an organization, else for a recipient; one that is fetching is asked for soon again until it has. */
export function useCustody(id: string, state: FileState | undefined, actingFor?: string, isFetching = false) {
  return useQuery({
    queryKey: ['custody', actingFor, id, state],
    enabled: state !== undefined,
    queryFn: ({ signal }) => ask<Custody>(`${own}/${id}/custody`, { signal, actingFor }),
    placeholderData: (before) => before,
    refetchInterval: ({ state: { data } }) => isFetching && !data?.recipients[0]?.fetchedAt && askAgain(true),
  });
}

export function fileAddress(id: string): string {
  return `${broker}/${id}/download`;
}

/** A transfer as a recipient sees it. */
export function useReceivedFile(id: string) {
  return useQuery({ queryKey: ['file', id], queryFn: ({ signal }) => ask<FileTransfer>(`${broker}/${id}`, { signal }) });
}

/** A recipient has the file; with the hash of what it holds, where it has looked. */
export function useConfirmFile(id: string) {
  const queries = useQueryClient();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (sha256: string | undefined) =>
      sha256
        ? ask(`${own}/${id}/confirm`, { method: 'POST', body: { sha256 } })
        : ask(`${broker}/${id}/confirmdownload`, { method: 'POST', body: {} }),
    onSettled: () => Promise.all(['file', 'custody'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
    onSuccess: refresh,
  });
}

export interface NewFile {
  readonly service: string;
  /** Nine digits each. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly fileName: string;
  readonly reference: string | undefined;
  readonly sha256: string | undefined;
}

const organizationId = (number: string): string => `0192:${number}`;

function useRefreshFiles() {
  const queries = useQueryClient();
  return async () => {
    tellOtherTabs('changed');
    const keys = ['sent-files', 'sent-file', 'file-recipients', 'custody', 'unread', 'unread-summary'];
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
}

/** Announces a file; its bytes come next. */
export function useAnnounceFile(actingFor: string) {
  const refresh = useRefreshFiles();
  return useMutation({
    mutationFn: ({ service, sender, recipients, fileName, reference, sha256 }: NewFile) =>
      ask<{ fileTransferId: string }>(broker, {
        method: 'POST',
        actingFor,
        body: {
          resourceId: service,
          fileName,
          sender: organizationId(sender),
          recipients: recipients.map(organizationId),
          ...(reference ? { sendersFileTransferReference: reference } : {}),
          ...(sha256 ? { checksumSha256: sha256 } : {}),
        },
      }),
    onSuccess: refresh,
  });
}

/** Takes a file back from all that have not confirmed it; of one whose bytes are on their way nothing comes. */
export function useRecallFile(id: string, actingFor: string) {
  const refresh = useRefreshFiles();
  return useMutation({
    mutationFn: (body: { readonly name: string; readonly reason: string }) =>
      ask(`${own}/${id}/recall`, { method: 'POST', actingFor, body }),
    onSuccess: refresh,
  });
}

/** What was decided or uploaded by another way shows at once. */
export { useRefreshFiles };
