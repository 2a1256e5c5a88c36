import { Button } from '@digdir/designsystemet-react';
import { useEffect, useRef, useState } from 'react';
import type { OneItem } from '../api/inbox.ts';
import { useConfirm } from '../api/letter.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';
import { useIsToPerson } from './addressed.ts';

/** The sender asks for a confirmation: what it means is said before the button, and what was done after. */
export function ConfirmCard({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const { moment } = useDates();
  const confirm = useConfirm(item.id);
  const isToPerson = useIsToPerson(item);
  const done = useRef<HTMLDivElement>(null);
  const [pressed, setPressed] = useState(false);
  const isDone = item.confirmedAt !== null || confirm.isSuccess;
  useEffect(() => {
    if (isDone && pressed) done.current?.focus();
  }, [isDone, pressed]);
  const title = t(isToPerson ? 'confirm.titleYou' : 'confirm.title');
  if (isDone) {
    return (
      <div ref={done} className="sheet settled" tabIndex={-1}>
        <p>
          <strong>{t('confirm.done')}</strong> {item.confirmedAt ? t('confirm.doneAt', { at: moment(item.confirmedAt) }) : null}
        </p>
      </div>
    );
  }
  // Of a person's own post it is the person who confirms, and nobody whom it lets read.
  if (item.readsOnly && isToPerson) return null;
  const press = (): void => {
    setPressed(true);
    afterwards(confirm.mutateAsync(), () => announce(t('confirm.done')));
  };
  return (
    <section className="sheet must-act stack-tight not-printed" aria-label={title}>
      <p>
        <strong>{title}</strong>
      </p>
      <p>{t(isToPerson ? 'confirm.meaningYou' : 'confirm.meaning')}</p>
      {confirm.error ? <Trouble error={confirm.error} /> : null}
      <p>
        <Button loading={confirm.isPending} onClick={press}>
          {t(isToPerson ? 'confirm.buttonYou' : 'confirm.button')}
        </Button>
      </p>
    </section>
  );
}
