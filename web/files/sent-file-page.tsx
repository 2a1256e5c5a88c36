import { Heading } from '@digdir/designsystemet-react';
import { Link, useParams } from '@tanstack/react-router';
import { type FileTransfer, useCustody, useFileServices, useSentFile, useSentFilesOf } from '../api/files.ts';
import { useSender } from '../console/sender.ts';
import { useDates, useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Trouble, Waiting } from '../ui/states.tsx';
import { RecallForm } from './recall-form.tsx';
import { Recipients } from './recipients.tsx';
import { UploadCard } from './upload-card.tsx';

export function SentFilePage() {
  const { id } = useParams({ from: '/console/files/$id' });
  return (
    <SignedIn>
      <SentFile key={id} id={id} />
    </SignedIn>
  );
}

/** One file as its sender sees it: how far its bytes are, then where it stands with each recipient, and what can be done. */
function SentFile({ id }: { readonly id: string }) {
  const { t } = useText();
  const { party, isLoading, error } = useSender();
  const file = useSentFile(id, party?.id);
  const state = file.data?.fileTransferStatus;
  const isAwaited = state === 'Initialized' || state === 'UploadStarted';
  return (
    <div className="stack">
      <p>
        <Link to="/console/files" search={party ? { party: party.id } : {}}>
          {t('files.toAll')}
        </Link>
      </p>
      <PageTitle title={file.data ? plainly(file.data.fileName) : t('files.one')} />
      {error ? <Trouble error={error} again={() => location.reload()} /> : isLoading || file.isLoading ? <Waiting /> : null}
      {file.error && !file.data ? <Trouble error={file.error} again={() => void file.refetch()} /> : null}
      {file.data && party ? (
        <>
          <Facts file={file.data} party={party.id} />
          {isAwaited ? <UploadCard id={id} party={party.id} /> : null}
          {state === 'Failed' ? <p className="sheet must-act">{t('files.failedNext')}</p> : null}
          <div className="stack">
            <Heading level={2} data-size="xs">
              {t('files.recipients')}
            </Heading>
            <Recipients id={id} party={party.id} state={file.data.fileTransferStatus} />
          </div>
          <RecallForm id={id} party={party.id} state={file.data.fileTransferStatus} />
        </>
      ) : null}
    </div>
  );
}

function Facts({ file, party }: { readonly file: FileTransfer; readonly party: string }) {
  const { t, language } = useText();
  const { moment, day } = useDates();
  const size = useSize();
  const { fileTransferStatus: state, fileTransferSize: bytes } = file;
  const bytesUntil = useSentFilesOf(state === 'Purged' ? [file.fileTransferId] : [], party).get(file.fileTransferId)?.bytesUntil;
  const custody = useCustody(file.fileTransferId, state, party);
  const service = useFileServices(party).data?.services.find(({ id }) => id === file.resourceId);
  const [stored, declared] = [custody.data?.stored?.sha256, custody.data?.declared.sha256];
  return (
    <dl className="facts">
      <dt>{t('files.now')}</dt>
      <dd>
        <strong role="status">{bytesUntil ? t('files.keptUntil', { at: day(bytesUntil) }) : t(`fileState.${state}`)}</strong>
      </dd>
      {service ? (
        <>
          <dt>{t('files.service')}</dt>
          <dd>{plainly(service.title[language], 100)}</dd>
        </>
      ) : null}
      {bytes > 0 ? (
        <>
          <dt>{t('file.size')}</dt>
          <dd>{size(bytes)}</dd>
        </>
      ) : null}
      <dt>{file.published ? t('files.published') : t('files.created')}</dt>
      <dd>{moment(file.published ?? file.created)}</dd>
      {state === 'Purged' || state === 'Cancelled' ? null : (
        <>
          <dt>{t('file.expires')}</dt>
          <dd>{day(file.expirationTime)}</dd>
        </>
      )}
      {file.sendersFileTransferReference ? (
        <>
          <dt>{t('files.reference')}</dt>
          <dd>{plainly(file.sendersFileTransferReference, 200)}</dd>
        </>
      ) : null}
      {stored ? (
        <>
          <dt>{t('file.hash')}</dt>
          <dd>
            <code>{stored}</code> {declared === stored ? t('files.hashAsDeclared') : t('files.hashOurs')}
          </dd>
        </>
      ) : null}
    </dl>
  );
}
