import { Button } from '@digdir/designsystemet-react';
import { useEffect, useRef, useState } from 'react';
import { type Item, type LabelChange, useTogether } from '../api/inbox.ts';
import { DeleteDialog } from '../letter/delete-dialog.tsx';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

interface Props {
  readonly folder: 'inbox' | 'archive' | 'bin';
  /** Those that are chosen. */
  readonly letters: readonly Item[];
  readonly all: () => void;
  readonly none: () => void;
  readonly end: () => void;
}

/** What can be done with the letters that are chosen, without opening one: their senders hear nothing of it, but of what is deleted for good. */
export function Together({ folder, letters, all, none, end }: Props) {
  const { t } = useText();
  const together = useTogether();
  const [deleting, setDeleting] = useState(false);
  const bar = useRef<HTMLElement>(null);
  // It may come late: who has gone on to a letter meanwhile stays there.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement.matches('body, h1')) bar.current?.focus();
  }, []);
  const ids = letters.map(({ id }) => id);
  const messages = letters.filter(({ kind }) => kind === 'message').map(({ id }) => id);
  const go = (which: readonly string[], change: LabelChange | null, said: (count: number) => string): void => {
    if (which.length === 0) return;
    afterwards(together.mutateAsync({ ids: which, change }), ({ done, failed }) => {
      if (done.length > 0) announce(said(done.length));
      if (failed.length === 0) none();
      bar.current?.focus();
    });
  };
  const failed = together.data?.failed ?? [];
  const nothing = ids.length === 0;
  return (
    <section ref={bar} tabIndex={-1} className="together stack-tight not-printed" aria-label={t('together.label')}>
      <div className="row">
        <p role="status">
          <strong>{t('together.count', { count: ids.length })}</strong>
        </p>
        {folder === 'inbox' ? null : (
          <Button
            data-size="sm"
            disabled={nothing}
            onClick={() => go(ids, { remove: ['archive', 'bin'] }, (count) => t('together.restored', { count }))}
          >
            {t('action.restore')}
          </Button>
        )}
        {folder === 'archive' ? null : (
          <Button
            data-size="sm"
            disabled={nothing}
            onClick={() => go(ids, { add: ['archive'], remove: ['bin'] }, (count) => t('together.archived', { count }))}
          >
            {t('action.archive')}
          </Button>
        )}
        {folder === 'bin' ? null : (
          <Button data-size="sm" disabled={nothing} onClick={() => go(ids, { add: ['bin'] }, (count) => t('together.binned', { count }))}>
            {t('action.bin')}
          </Button>
        )}
        <Button
          variant="secondary"
          data-size="sm"
          disabled={messages.length === 0}
          onClick={() => go(messages, { add: ['unread'] }, (count) => t('together.markedUnread', { count }))}
        >
          {t('action.markUnread')}
        </Button>
        {folder === 'bin' ? (
          <Button variant="secondary" data-size="sm" disabled={messages.length === 0} onClick={() => setDeleting(true)}>
            {t('delete.button')}
          </Button>
        ) : null}
        <Button variant="secondary" data-size="sm" onClick={nothing ? all : none}>
          {nothing ? t('together.all') : t('together.none')}
        </Button>
        <Button variant="tertiary" data-size="sm" onClick={end}>
          {t('together.end')}
        </Button>
      </div>
      {failed.length > 0 ? (
        <>
          <p role="alert">{t('together.failed', { count: failed.length })}</p>
          <Trouble error={failed[0]!.error} />
        </>
      ) : null}
      {deleting ? (
        <DeleteDialog
          count={messages.length}
          close={() => setDeleting(false)}
          go={() => go(messages, null, (count) => t('delete.done', { count }))}
        />
      ) : null}
    </section>
  );
}
