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
import type { Notch } from '../ui/notches.ts';
import { Trouble } from '../ui/states.tsx';
import { Stick } from '../ui/stick.tsx';

type Mine = Custody['recipients'][number];

interface Props {
  readonly item: OneItem;
  readonly state: FileState;
  /** It was begun to be fetched, here and now. */
  readonly isFetching: boolean;
}

/** That the file has come: confirmed by a button, or shown by the hash of what was fetched; and what is on record of it. */
export function FileReceipt({ item, state, isFetching }: Props) {
  const { t } = useText();
  const confirm = useConfirmFile(item.id);
  const custody = useCustody(item.id, state, undefined, isFetching);
  const mine = custody.data?.recipients[0];
  // Where it cannot be known, the server is asked.
  const mayConfirm = Boolean(mine?.fetchedAt) || custody.isError;
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
          <p role="status">{t(mayConfirm ? 'file.confirmMeaning' : 'file.confirmFirst')}</p>
          {mayConfirm ? (
            <p>
              <Button variant="secondary" loading={confirm.isPending} onClick={() => say()}>
                {t('file.confirmButton')}
              </Button>
            </p>
          ) : null}
        </section>
      ) : null}
      {confirm.error && !(mine?.fetchedAt && isTooEarly(confirm.error)) ? <Trouble error={confirm.error} /> : null}
      {mine?.fetchedAt ? <Record item={item} mine={mine} /> : null}
      {canSay && mine?.fetchedAt && mine.custody !== 'whole' ? <Compare say={say} isBusy={confirm.isPending} /> : null}
    </>
  );
}

/** Refused because it had not been fetched: that is over once it has. */
function isTooEarly(error: Error): boolean {
  return error instanceof Refusal && error.row === 'BRO-00019';
}

/** What the sender sees of it too, drawn as every message's way is. */
function Record({ item, mine: { fetchedAt, confirmedAt, custody } }: { readonly item: OneItem; readonly mine: Mine }) {
  const { t } = useText();
  const { moment } = useDates();
  const notches: Notch[] = [
    confirmedAt
      ? { id: 'confirmed', title: t('mark.confirmed'), when: moment(confirmedAt), state: 'settled' }
      : { id: 'confirmed', title: t('file.youConfirm'), when: null, state: 'to-come' },
    { id: 'fetched', title: t('file.fetched'), when: fetchedAt ? moment(fetchedAt) : null, state: confirmedAt ? 'done' : 'stopped' },
    { id: 'sent', title: t('file.sent'), when: item.publishedAt ? moment(item.publishedAt) : null, state: 'done' },
  ];
  return (
    <section className="sheet stack-tight" aria-label={t('file.receipt')}>
      <p>
        <strong>{t('file.receipt')}</strong>
      </p>
      <Stick notches={notches} label={t('file.receipt')} />
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
