import { Button } from '@digdir/designsystemet-react';
import { useNavigate } from '@tanstack/react-router';
import { type LabelChange, type OneItem, useLabels } from '../api/inbox.ts';
import type { Letter } from '../api/letter.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';
import { ForwardForm } from './forward-form.tsx';
import { LabelForm } from './label-form.tsx';
import { ShareForm } from './share-form.tsx';

/** Archive, bin and back. A file is unread until it is fetched; a letter can be marked. */
export function MoveButtons({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const navigate = useNavigate();
  const labels = useLabels(item.id);
  const move = (change: LabelChange, back: LabelChange, said: string): void =>
    afterwards(labels.mutateAsync(change), () => {
      announce(said, { run: () => labels.mutateAsync(back), said: t('action.undone') });
      void navigate({ to: '/inbox', search: { party: item.recipient.id } });
    });
  return (
    <>
      <div className="row">
        {item.folder !== 'inbox' ? (
          <Button variant="secondary" onClick={() => move({ remove: ['archive', 'bin'] }, { add: [item.folder] }, t('action.restored'))}>
            {t('action.restore')}
          </Button>
        ) : null}
        {item.folder === 'archive' ? null : (
          <Button
            variant="secondary"
            onClick={() =>
              move(
                { add: ['archive'], remove: ['bin'] },
                item.folder === 'bin' ? { add: ['bin'] } : { remove: ['archive'] },
                t('action.archived'),
              )
            }
          >
            {t('action.archive')}
          </Button>
        )}
        {item.folder === 'bin' ? null : (
          <Button variant="secondary" onClick={() => move({ add: ['bin'] }, { remove: ['bin'] }, t('action.binned'))}>
            {t('action.bin')}
          </Button>
        )}
        {item.kind === 'file' ? null : (
          <Button variant="secondary" onClick={() => move({ add: ['unread'] }, { remove: ['unread'] }, t('action.markedUnread'))}>
            {t('action.markUnread')}
          </Button>
        )}
        <Button variant="secondary" onClick={() => print()}>
          {t('action.print')}
        </Button>
      </div>
      {labels.error ? <Trouble error={labels.error} /> : null}
    </>
  );
}

/** What can be done with a letter, as buttons that say so. */
export function Actions({ item, letter }: { readonly item: OneItem; readonly letter: Letter }) {
  return (
    <div className="stack not-printed">
      <MoveButtons item={item} />
      <div className="narrow">
        {letter.allowForwarding ? <ForwardForm id={item.id} /> : null}
        <ShareForm item={item} />
        <LabelForm item={item} />
      </div>
    </div>
  );
}
