import { Button } from '@digdir/designsystemet-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { type LabelChange, type OneItem, useLabels, useTogether } from '../api/inbox.ts';
import type { Letter } from '../api/letter.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { ForwardForm } from './forward-form.tsx';
import { LabelForm } from './label-form.tsx';
import { Share } from './share-form.tsx';

/** What may be done with where it lies; who had this one thing shared with them may read it, and print it. */
export function MoveButtons({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  if (!item.readsOnly) return <OwnButtons item={item} />;
  return (
    <>
      <p>{t('action.readsOnly', { name: plainly(item.recipient.name, 120) })}</p>
      <p>
        <PrintButton />
      </p>
    </>
  );
}

function PrintButton() {
  const { t } = useText();
  return (
    <Button variant="secondary" onClick={() => print()}>
      {t('action.print')}
    </Button>
  );
}

/** Archive, bin and back. A file is unread until it is fetched; a letter can be marked. */
function OwnButtons({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const navigate = useNavigate();
  const search = useSearch({ from: '/inbox/$id' });
  const labels = useLabels(item.id);
  const together = useTogether();
  const [deleting, setDeleting] = useState(false);
  const isFile = item.kind === 'file';
  const backToList = (): void =>
    void navigate({ to: '/inbox', search: { ...search, party: search.party ?? item.recipient.id }, resetScroll: false });
  const deleteIt = (): void =>
    afterwards(together.mutateAsync({ ids: [item.id], change: null }), ({ done }) => {
      if (done.length === 0) return;
      announce(t('delete.done', { count: 1 }));
      backToList();
    });
  const move = (change: LabelChange, back: LabelChange, said: string): void =>
    afterwards(labels.mutateAsync(change), () => {
      announce(said, { run: () => labels.mutateAsync(back), said: t('action.undone') });
      backToList();
    });
  return (
    <>
      <div className="row">
        {item.folder !== 'inbox' ? (
          <Button
            variant="secondary"
            onClick={() =>
              move({ remove: ['archive', 'bin'] }, { add: [item.folder] }, t(isFile ? 'action.fileRestored' : 'action.restored'))
            }
          >
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
                t(isFile ? 'action.fileArchived' : 'action.archived'),
              )
            }
          >
            {t('action.archive')}
          </Button>
        )}
        {item.folder === 'bin' ? null : (
          <Button
            variant="secondary"
            onClick={() => move({ add: ['bin'] }, { remove: ['bin'] }, t(isFile ? 'action.fileBinned' : 'action.binned'))}
          >
            {t('action.bin')}
          </Button>
        )}
        {isFile ? null : (
          <Button variant="secondary" onClick={() => move({ add: ['unread'] }, { remove: ['unread'] }, t('action.markedUnread'))}>
            {t('action.markUnread')}
          </Button>
        )}
        {item.folder === 'bin' && item.kind === 'message' ? (
          <Button variant="secondary" loading={together.isPending} onClick={() => setDeleting(true)}>
            {t('delete.button')}
          </Button>
        ) : null}
        <PrintButton />
      </div>
      {labels.error ? <Trouble error={labels.error} /> : null}
      {together.data?.failed[0] ? <Trouble error={together.data.failed[0].error} /> : null}
      {deleting ? <DeleteDialog count={1} close={() => setDeleting(false)} go={deleteIt} /> : null}
    </>
  );
}

/** What can be done with a letter, as buttons that say so. */
export function Actions({ item, letter }: { readonly item: OneItem; readonly letter: Letter }) {
  return (
    <div className="stack not-printed">
      <MoveButtons item={item} />
      {item.readsOnly ? null : (
        <div className="narrow">
          {letter.allowForwarding ? <ForwardForm id={item.id} /> : null}
          <Share item={item} />
          <LabelForm item={item} />
        </div>
      )}
    </div>
  );
}
