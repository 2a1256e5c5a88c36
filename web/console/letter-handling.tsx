import { Button, Checkbox, Textfield } from '@digdir/designsystemet-react';
import { lazy, Suspense, useState } from 'react';
import type { LetterWords } from '../api/send.ts';
import { timeNow } from '../api/time.ts';
import { instantInNorway } from '../ui/end-of-day.ts';
import { useText, withTexts } from '../ui/language.ts';
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
  return at !== null && Date.parse(at) > timeNow() ? at : null;
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
  /** The letter in each of its languages. */
  readonly versions: readonly LetterWords[];
}

/** The letter before it is sent, when somebody wants to see it. */
export function PreviewButton({ sender, versions }: PreviewProps) {
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
          {versions.map((version, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may be in one language, until that is mended
            <LetterPreview key={i} sender={sender} {...version} />
          ))}
        </Suspense>
      ) : null}
    </div>
  );
}
