import { Button } from '@digdir/designsystemet-react';
import type { OneItem } from '../api/inbox.ts';
import { fileAddress, useConfirmFile, useFileTransfer } from '../api/letter.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates, useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { Trouble, Waiting } from '../ui/states.tsx';
import { Why } from './why.tsx';

/** A file that was sent to the party: to fetch, and then to confirm that it has come. */
export function FileCard({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const { moment, day } = useDates();
  const size = useSize();
  const file = useFileTransfer(item.id, true);
  const confirm = useConfirmFile(item.id);
  const isConfirmed = item.confirmedAt !== null || confirm.isSuccess;
  return (
    <div className="stack narrow">
      <PageTitle title={plainly(item.title ?? file.data?.fileName ?? t('file.title'))} />
      {file.error ? <Trouble error={file.error} again={() => void file.refetch()} /> : null}
      {file.isPending ? <Waiting /> : null}
      {file.data ? (
        <>
          <dl className="facts">
            <dt>{t('letter.from')}</dt>
            <dd>{plainly(item.sender.name, 120)}</dd>
            <dt>{t('letter.to')}</dt>
            <dd>{plainly(item.recipient.name, 120)}</dd>
            <dt>{t('letter.received')}</dt>
            <dd>{item.publishedAt ? moment(item.publishedAt) : ''}</dd>
            <dt>{t('file.size')}</dt>
            <dd>{size(file.data.fileTransferSize)}</dd>
            <dt>{t('file.expires')}</dt>
            <dd>{day(file.data.expirationTime)}</dd>
          </dl>
          <p>
            <Button asChild>
              <a href={fileAddress(item.id)} download>
                {t('attachments.download', { name: plainly(file.data.fileName, 100) })}
              </a>
            </Button>
          </p>
          {isConfirmed ? (
            <p className="sheet settled" role="status">
              <strong>{t('file.confirmed')}</strong>
            </p>
          ) : (
            <section className="sheet must-act stack-tight" aria-label={t('file.confirmTitle')}>
              <p>{t('file.confirmMeaning')}</p>
              {confirm.error ? <Trouble error={confirm.error} /> : null}
              <p>
                <Button
                  variant="secondary"
                  loading={confirm.isPending}
                  onClick={() => afterwards(confirm.mutateAsync(), () => announce(t('file.confirmed')))}
                >
                  {t('file.confirmButton')}
                </Button>
              </p>
            </section>
          )}
          <Why id={item.id} />
        </>
      ) : null}
    </div>
  );
}
