import { Button, Heading } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { useCustody } from '../api/files.ts';
import { useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { Trouble, Waiting } from '../ui/states.tsx';
import { useBegun } from './begun.ts';
import { FileField } from './file-field.tsx';
import { isSameFile } from './resume.ts';
import { sha256Of } from './sha256.ts';
import { type Progress, pauseUpload, resumeUpload, startUpload } from './upload.ts';
import { useLeaving } from './use-leaving.ts';
import { useUpload } from './use-upload.ts';

interface Props {
  readonly id: string;
  readonly party: string;
}

/** A file whose bytes are on their way: how far they are, and what can be done; where this tab does not have the file, it is asked for. */
export function UploadCard({ id, party }: Props) {
  const { t } = useText();
  const progress = useUpload(id);
  const goesOn = progress?.state === 'running' || progress?.state === 'waiting' || progress?.state === 'done';
  return (
    <section className={goesOn ? 'sheet stack-tight' : 'sheet must-act stack-tight'} aria-labelledby="upload">
      <Heading level={2} data-size="xs" id="upload">
        {t('upload.title')}
      </Heading>
      {progress ? <Running id={id} progress={progress} /> : <ChooseAgain id={id} party={party} />}
    </section>
  );
}

function Running({ id, progress }: { readonly id: string; readonly progress: Progress }) {
  const { t } = useText();
  const size = useSize();
  const { state, sentBytes, sizeBytes, error } = progress;
  const percent = sizeBytes === 0 ? 100 : Math.floor((100 * sentBytes) / sizeBytes);
  return (
    <>
      <progress className="upload-bar" aria-label={t('upload.bar')} value={sentBytes} max={sizeBytes} />
      <p>{t('upload.far', { percent, sent: size(sentBytes), all: size(sizeBytes) })}</p>
      {state === 'waiting' ? (
        <p>
          <strong>{t('upload.waiting')}</strong> {t('upload.waitingNext')}
        </p>
      ) : null}
      {state === 'paused' ? <p>{t('upload.pausedNext')}</p> : null}
      {state === 'stopped' ? <Trouble error={error ?? new Error()}>{t('upload.stoppedNext')}</Trouble> : null}
      {state === 'running' || state === 'waiting' ? (
        <p>
          <Button variant="secondary" onClick={() => pauseUpload(id)}>
            {t('upload.pause')}
          </Button>
        </p>
      ) : null}
      {state === 'paused' || state === 'stopped' ? (
        <p>
          <Button onClick={() => resumeUpload(id)}>{t('upload.resume')}</Button>
        </p>
      ) : null}
      {state === 'running' ? <p className="quiet">{t('upload.stay')}</p> : null}
    </>
  );
}

/** After a page that was loaded anew, a new login, or on another machine: the same file, and it goes on from where it was. */
function ChooseAgain({ id, party }: Props) {
  const { t } = useText();
  const size = useSize();
  const begun = useBegun(id, party, true);
  const custody = useCustody(id, 'UploadStarted', party);
  const [file, setFile] = useState<File | null>(null);
  const [problem, setProblem] = useState<string>();
  const [hashed, setHashed] = useState<number | null>(null);
  const leaving = useLeaving();
  if (begun.error) return <Trouble error={begun.error} again={() => void begun.refetch()} />;
  if (begun.data === undefined || custody.isPending) return <Waiting />;
  const known = begun.data;
  const declared = custody.data?.declared.sha256;
  const choose = async (chosen: File): Promise<void> => {
    setFile(chosen);
    setProblem(undefined);
    if (!isSameFile(known, chosen)) {
      setProblem(t('upload.otherFile'));
      return;
    }
    try {
      if (declared && (await sha256Of(chosen, setHashed, leaving())) !== declared) {
        setProblem(t('upload.otherFile'));
        return;
      }
    } catch {
      setProblem(t('file.unreadable'));
      return;
    } finally {
      setHashed(null);
    }
    startUpload(id, chosen, party, true);
  };
  return (
    <>
      <p>
        {known && known.offset > 0
          ? t('upload.begun', {
              percent: Math.floor((100 * known.offset) / known.length),
              sent: size(known.offset),
              all: size(known.length),
            })
          : t('upload.notBegun')}
      </p>
      <FileField label={t('upload.chooseAgain')} file={file} problem={problem} choose={(chosen) => void choose(chosen)} />
      {hashed === null ? null : (
        <p role="status">
          {t('file.hashing')} <progress aria-label={t('file.hashing')} value={hashed} max={1} />
        </p>
      )}
    </>
  );
}
