import { Button, Details } from '@digdir/designsystemet-react';
import { type ChangeEvent, useState } from 'react';
import { Refusal } from '../api/ask.ts';
import { type Custody, type FileState, useConfirmFile, useCustody } from '../api/files.ts';
import type { OneItem } from '../api/inbox.ts';
import { useLeaving } from '../files/use-leaving.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

interface Props {
  readonly item: OneItem;
  readonly state: FileState;
}

/** That the file has come: confirmed by a button, or shown by the hash of what was fetched; and what is on record of it. */
export function FileReceipt({ item, state }: Props) {
  const { t } = useText();
  const confirm = useConfirmFile(item.id);
  const mine = useCustody(item.id, state).data?.recipients[0];
  const isConfirmed = item.confirmedAt !== null || confirm.isSuccess;
  const canSay = state === 'Published' || state === 'AllConfirmedDownloaded';
  const say = (sha256?: string): void => afterwards(confirm.mutateAsync(sha256), () => announce(t('file.confirmed')));
  return (
    <>
      {isConfirmed ? (
        <div className="sheet settled stack-tight" role="status">
          <p>
            <strong>{t('file.confirmed')}</strong>
          </p>
        </div>
      ) : null}
      {!isConfirmed && canSay ? (
        <section className="sheet must-act stack-tight not-printed" aria-label={t('file.confirmTitle')}>
          <p>{t('file.confirmMeaning')}</p>
          <p>
            <Button variant="secondary" loading={confirm.isPending} onClick={() => say()}>
              {t('file.confirmButton')}
            </Button>
          </p>
        </section>
      ) : null}
      {confirm.error && !(mine?.fetchedAt && isTooEarly(confirm.error)) ? <Trouble error={confirm.error} /> : null}
      {mine?.fetchedAt ? <Record mine={mine} /> : null}
      {canSay && mine?.fetchedAt && mine.custody !== 'whole' ? <Compare say={say} isBusy={confirm.isPending} /> : null}
    </>
  );
}

/** Refused because it had not been fetched: that is over once it has. */
function isTooEarly(error: Error): boolean {
  return error instanceof Refusal && error.row === 'BRO-00019';
}

/** What the sender sees of it too. */
function Record({ mine: { fetchedAt, confirmedAt, custody } }: { readonly mine: Custody['recipients'][number] }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <section className="sheet stack-tight" aria-label={t('file.receipt')}>
      <p>
        <strong>{t('file.receipt')}</strong>
      </p>
      <dl className="facts">
        <dt>{t('file.fetched')}</dt>
        <dd>{fetchedAt ? moment(fetchedAt) : ''}</dd>
        {confirmedAt ? (
          <>
            <dt>{t('mark.confirmed')}</dt>
            <dd>{moment(confirmedAt)}</dd>
          </>
        ) : null}
      </dl>
      {custody === 'whole' ? <p>{t('file.whole')}</p> : null}
      {custody === 'broken' ? <p role="alert">{t('file.broken')}</p> : null}
    </section>
  );
}

/** The file that was fetched is read here, and nothing of it but its hash goes anywhere. */
function Compare({ say, isBusy }: { readonly say: (sha256: string) => void; readonly isBusy: boolean }) {
  const { t } = useText();
  const [part, setPart] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const leaving = useLeaving();
  const choose = async ({ target: { files } }: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [file] = files ?? [];
    if (!file) return;
    setFailed(false);
    try {
      const { sha256Of } = await import('../files/sha256.ts');
      say(await sha256Of(file, setPart, leaving()));
    } catch {
      setFailed(true);
    } finally {
      setPart(null);
    }
  };
  return (
    <Details className="not-printed">
      <Details.Summary>{t('file.compare')}</Details.Summary>
      <Details.Content>
        <p>{t('file.compareMeaning')}</p>
        <p>
          <label>
            {t('file.compareChoose')}{' '}
            <input type="file" className="ds-input" disabled={isBusy || part !== null} onChange={(event) => void choose(event)} />
          </label>
        </p>
        {part === null ? null : <progress aria-label={t('file.comparing')} value={part} max={1} />}
        {failed ? <p role="alert">{t('file.compareFailed')}</p> : null}
      </Details.Content>
    </Details>
  );
}
