import { Button, Heading } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { type FileTransfer, fileAddress, useCustody, useReceivedFile } from '../api/files.ts';
import type { OneItem } from '../api/inbox.ts';
import { useDates, useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { Trouble, Waiting } from '../ui/states.tsx';
import { MoveButtons } from './actions.tsx';
import { FileReceipt } from './file-receipt.tsx';
import { LabelForm } from './label-form.tsx';
import { SeenBy } from './seen-by.tsx';
import { Why } from './why.tsx';

/** A file that was sent to the party: from whom and how large, to fetch, and then to confirm that it has come; at last its receipt. */
export function FileCard({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const file = useReceivedFile(item.id);
  const [isFetching, setFetching] = useState(false);
  const state = file.data?.fileTransferStatus;
  const isThere = state === 'Published' || state === 'AllConfirmedDownloaded';
  return (
    <div className="stack narrow">
      <PageTitle title={plainly(item.title ?? file.data?.fileName ?? t('file.title'))} />
      {file.error ? <Trouble error={file.error} again={() => void file.refetch()} /> : null}
      {file.isPending ? <Waiting /> : null}
      {file.data ? (
        <>
          <Facts item={item} file={file.data} />
          {isThere ? (
            <p className="not-printed">
              <Button asChild>
                <a href={fileAddress(item.id)} download onClick={() => setFetching(true)}>
                  {t('attachments.download', { name: plainly(file.data.fileName, 100) })}
                </a>
              </Button>
            </p>
          ) : (
            <p className="sheet">{t(state === 'Cancelled' ? 'file.recalled' : 'file.gone')}</p>
          )}
          <FileReceipt item={item} state={file.data.fileTransferStatus} isFetching={isFetching} />
          <Heading level={2} data-size="xs" className="not-printed">
            {t('letter.more')}
          </Heading>
          <div className="stack not-printed">
            <MoveButtons item={item} />
            {item.readsOnly ? null : <LabelForm item={item} />}
            <Why id={item.id} />
            <SeenBy id={item.id} />
          </div>
        </>
      ) : null}
    </div>
  );
}

function Facts({ item, file }: { readonly item: OneItem; readonly file: FileTransfer }) {
  const { t } = useText();
  const { moment, day } = useDates();
  const size = useSize();
  const { fileTransferStatus: state } = file;
  const hash = useCustody(item.id, state).data?.stored?.sha256;
  return (
    <dl className="facts">
      <dt>{t('letter.from')}</dt>
      <dd>
        {plainly(item.sender.name, 120)} <span className="quiet">{file.sender.split(':').at(-1)}</span>
      </dd>
      <dt>{t('letter.to')}</dt>
      <dd>{plainly(item.recipient.name, 120)}</dd>
      <dt>{t('letter.received')}</dt>
      <dd>{item.publishedAt ? moment(item.publishedAt) : ''}</dd>
      {file.sendersFileTransferReference ? (
        <>
          <dt>{t('file.reference')}</dt>
          <dd>{plainly(file.sendersFileTransferReference, 200)}</dd>
        </>
      ) : null}
      <dt>{t('file.size')}</dt>
      <dd>{size(file.fileTransferSize)}</dd>
      <dt>{t('file.state')}</dt>
      <dd>{t(`fileState.${state}`)}</dd>
      {state === 'Purged' || state === 'Cancelled' ? null : (
        <>
          <dt>{t('file.expires')}</dt>
          <dd>{day(file.expirationTime)}</dd>
        </>
      )}
      {hash ? (
        <>
          <dt>{t('file.hash')}</dt>
          <dd>
            <code>{hash}</code>
          </dd>
        </>
      ) : null}
    </dl>
  );
}
