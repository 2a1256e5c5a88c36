import { Button, Checkbox, Textfield } from '@digdir/designsystemet-react';
import { lazy, Suspense, useState } from 'react';
import { instantInNorway } from '../ui/end-of-day.ts';
import { type Language, useText, withTexts } from '../ui/language.ts';
import { Waiting } from '../ui/states.tsx';

const LetterPreview = lazy(async () => {
  const { LetterPreview: preview } = await withTexts('console', withTexts('letter', import('./letter-preview.tsx')));
  return { default: preview };
});

/** Whether it may go on by e-mail, and when it is laid in the inbox: '' for at once. */
export interface Handling {
  readonly forwarding: boolean;
  readonly publish: string;
}

/** The moment at which it is to be published; undefined for at once, null for what is none or is over. */
export function publishAtOf({ publish }: Handling): string | null | undefined {
  if (publish === '') return undefined;
  const at = instantInNorway(publish);
  return at !== null && Date.parse(at) > Date.now() ? at : null;
}

interface FieldsProps {
  readonly value: Handling;
  readonly isWrong: boolean;
  readonly change: (part: Partial<Handling>) => void;
}

export function HandlingFields({ value, isWrong, change }: FieldsProps) {
  const { t } = useText();
  return (
    <>
      <Checkbox label={t('write.forward')} checked={value.forwarding} onChange={(event) => change({ forwarding: event.target.checked })} />
      <Textfield
        type="datetime-local"
        label={t('write.publish')}
        value={value.publish}
        error={isWrong ? t('write.publishWrong') : undefined}
        onChange={(event) => change({ publish: event.target.value })}
      />
    </>
  );
}

interface PreviewProps {
  readonly sender: string;
  readonly language: Language;
  readonly title: string;
  readonly body: string;
}

/** The letter before it is sent, when somebody wants to see it. */
export function PreviewButton(letter: PreviewProps) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="stack">
      <p>
        <Button type="button" variant="secondary" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t('write.preview')}
        </Button>
      </p>
      {isOpen ? (
        <Suspense fallback={<Waiting />}>
          <LetterPreview {...letter} />
        </Suspense>
      ) : null}
    </div>
  );
}
