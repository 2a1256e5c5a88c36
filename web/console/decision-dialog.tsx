import { Dialog, Heading } from '@digdir/designsystemet-react';
import { type ComponentProps, useEffect, useRef } from 'react';
import { useText } from '../ui/language.ts';
import { DecisionForm } from './decision-form.tsx';

interface Props extends ComponentProps<typeof DecisionForm> {
  readonly title: string;
  readonly close: () => void;
}

/** What cannot be undone is asked about in front of everything else, and the focus comes back where it was. */
export function DecisionDialog({ title, close, done, ...form }: Props) {
  const { t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <Dialog ref={dialog} closeButton={t('ui.close')} aria-labelledby="decide-together" onClose={close}>
      <div className="stack">
        <Heading level={2} data-size="xs" id="decide-together">
          {title}
        </Heading>
        <DecisionForm
          {...form}
          done={(answers) => {
            if (answers.decided === answers.answers.length) dialog.current?.close();
            done?.(answers);
          }}
        />
      </div>
    </Dialog>
  );
}
