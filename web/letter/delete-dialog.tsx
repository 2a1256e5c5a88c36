import { Button, Dialog, Heading } from '@digdir/designsystemet-react';
import { useEffect, useRef } from 'react';
import { useText } from '../ui/language.ts';

interface Props {
  readonly count: number;
  readonly close: () => void;
  readonly go: () => void;
}

/** Asks once more before what cannot be undone. */
export function DeleteDialog({ count, close, go }: Props) {
  const { t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <Dialog ref={dialog} closeButton={t('ui.close')} aria-labelledby="delete-for-good" onClose={close}>
      <div className="stack">
        <Heading level={2} data-size="xs" id="delete-for-good">
          {t('delete.sure', { count })}
        </Heading>
        <p>{t('delete.meaning')}</p>
        <div className="row">
          <Button
            data-color="danger"
            onClick={() => {
              dialog.current?.close();
              go();
            }}
          >
            {t('delete.yes')}
          </Button>
          <Button variant="secondary" onClick={() => dialog.current?.close()}>
            {t('delete.no')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
