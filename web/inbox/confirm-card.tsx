import { Button } from '@digdir/designsystemet-react';
import type { OneItem } from '../api/inbox.ts';
import { useConfirm } from '../api/letter.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

/** The sender asks for a confirmation: what it means is said before the button, and what was done after. */
export function ConfirmCard({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const { moment } = useDates();
  const confirm = useConfirm(item.id);
  if (item.confirmedAt || confirm.isSuccess) {
    return (
      <div className="sheet settled" role="status">
        <p>
          <strong>{t('confirm.done')}</strong> {item.confirmedAt ? t('confirm.doneAt', { at: moment(item.confirmedAt) }) : null}
        </p>
      </div>
    );
  }
  return (
    <section className="sheet must-act stack-tight not-printed" aria-label={t('confirm.title')}>
      <p>
        <strong>{t('confirm.title')}</strong>
      </p>
      <p>{t('confirm.meaning')}</p>
      {confirm.error ? <Trouble error={confirm.error} /> : null}
      <p>
        <Button loading={confirm.isPending} onClick={() => afterwards(confirm.mutateAsync(), () => announce(t('confirm.done')))}>
          {t('confirm.button')}
        </Button>
      </p>
    </section>
  );
}
