import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useRefreshFiles } from '../api/files.ts';
import { announce, whisper } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { onUploads, type Progress, progressOf } from './upload.ts';

/** It is said so often how far it is; each percent would drown everything else. */
const stepsSaid = 4;

/** The upload that this tab runs for a transfer, followed and said aloud; null where it runs none. */
export function useUpload(id: string): Progress | null {
  const { t } = useText();
  const refresh = useRefreshFiles();
  const progress = useSyncExternalStore(onUploads, () => progressOf(id));
  const quarter = progress ? Math.floor((stepsSaid * progress.sentBytes) / Math.max(progress.sizeBytes, 1)) : 0;
  const state = progress?.state;
  const before = useRef(state);
  useEffect(() => {
    if (state === 'running' && quarter > 0 && quarter < stepsSaid) whisper(t('upload.part', { percent: (100 / stepsSaid) * quarter }));
  }, [state, quarter, t]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the state changes, and then once
  useEffect(() => {
    if (before.current !== state) {
      if (state === 'waiting') whisper(t('upload.waiting'));
      if (state === 'paused') whisper(t('upload.paused'));
      if (state === 'done') announce(t('upload.done'));
    }
    before.current = state;
    if (state === 'done') void refresh();
  }, [state]);
  return progress;
}
