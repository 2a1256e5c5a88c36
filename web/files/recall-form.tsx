import { Button, Details } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type FileState, useRecallFile } from '../api/files.ts';
import { useSession } from '../api/session.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { BoundedField, holdsTooMuch } from '../ui/bounded-field.tsx';
import { useDraft } from '../ui/draft.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';
import { pauseUpload, stopUpload } from './upload.ts';

interface Props {
  readonly id: string;
  readonly party: string;
  readonly state: FileState;
}

const cancellable: ReadonlySet<FileState> = new Set(['Initialized', 'UploadStarted', 'UploadProcessing']);

/** The whole file is taken back: from those who have not confirmed it, or, while its bytes are on their way, before anybody has seen it. */
export function RecallForm({ id, party, state }: Props) {
  const { t } = useText();
  const session = useSession();
  const recall = useRecallFile(id, party);
  const isUnderWay = cancellable.has(state);
  const [draft, change, clear] = useDraft(`recall.${id}`, { reason: '' });
  const [tried, setTried] = useState(false);
  if (!isUnderWay && state !== 'Published') return null;
  const name = session.data?.person.name ?? '';
  const reason = draft.reason.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (holdsTooMuch(event)) return;
    setTried(true);
    if (reason === '') return;
    pauseUpload(id);
    afterwards(recall.mutateAsync({ name, reason }), () => {
      stopUpload(id);
      clear();
      announce(t('recall.done'));
    });
  };
  return (
    <Details className="sheet" defaultOpen={draft.reason !== ''}>
      <Details.Summary>{isUnderWay ? t('recall.cancel') : t('recall.title')}</Details.Summary>
      <Details.Content>
        <Form className="stack narrow" onSubmit={submit}>
          <p>{isUnderWay ? t('recall.cancelMeans') : t('recall.means')}</p>
          <BoundedField
            label={t('decide.reason')}
            description={t('decide.reasonHelp')}
            multiline
            rows={2}
            longest={1000}
            value={draft.reason}
            error={tried && reason === '' ? t('decide.reasonMissing') : undefined}
            onChange={(event) => change({ reason: event.target.value })}
          />
          <p>
            <strong>{t('decide.noWayBack')}</strong> {t('decide.signed', { name: plainly(name, 80) })}
          </p>
          {recall.error ? <Trouble error={recall.error} /> : null}
          <p>
            <Button type="submit" loading={recall.isPending}>
              {isUnderWay ? t('recall.cancelButton') : t('recall.button')}
            </Button>
          </p>
        </Form>
      </Details.Content>
    </Details>
  );
}
