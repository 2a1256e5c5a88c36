import { Checkbox, Textfield } from '@digdir/designsystemet-react';
import { BoundedField } from '../ui/bounded-field.tsx';
import { endOfDay } from '../ui/end-of-day.ts';
import { type Language, useText } from '../ui/language.ts';
import { LetterLanguage } from '../ui/letter-language.tsx';
import type { LetterDraft, wrongInLetter } from './letter-draft.ts';
import { TranslationFields } from './translation-fields.tsx';

interface Props {
  readonly draft: LetterDraft;
  readonly tried: boolean;
  readonly wrong: ReturnType<typeof wrongInLetter>;
  readonly change: (part: Partial<LetterDraft>) => void;
}

/** What a letter says, in each of its languages. */
export function WordsFields({ draft, tried, wrong, change, bodyHelp }: Props & { readonly bodyHelp: string }) {
  const { t } = useText();
  return (
    <>
      <LetterLanguage value={draft.language as Language} choose={(language) => change({ language })} />
      <BoundedField
        label={t('write.subject')}
        longest={255}
        value={draft.title}
        error={tried && wrong.title ? t('write.subjectMissing') : undefined}
        onChange={(event) => change({ title: event.target.value })}
      />
      <BoundedField
        label={t('write.body')}
        description={bodyHelp}
        multiline
        rows={8}
        longest={30_000}
        value={draft.body}
        error={tried && wrong.body ? t('write.bodyMissing') : undefined}
        onChange={(event) => change({ body: event.target.value })}
      />
      <TranslationFields
        main={draft.language}
        translations={draft.translations}
        tried={tried}
        change={(translations) => change({ translations })}
      />
    </>
  );
}

/** Whether its reader must confirm it, and by when. */
export function DemandFields({ draft, tried, wrong, change }: Props) {
  const { t } = useText();
  const dueProblem = (): string => {
    if (draft.due === '') return t('write.dueMissing');
    return endOfDay(draft.due) === null ? t('field.dateWrong') : t('write.dueBefore');
  };
  return (
    <>
      <Checkbox
        label={t('write.confirm')}
        description={t('write.confirmHelp')}
        checked={draft.confirm}
        onChange={(event) => change({ confirm: event.target.checked })}
      />
      <Textfield
        type="date"
        label={draft.confirm ? t('write.due') : t('write.dueIfAny')}
        value={draft.due}
        error={tried && wrong.due ? dueProblem() : undefined}
        onChange={(event) => change({ due: event.target.value })}
      />
    </>
  );
}

/** What the sender calls it. */
export function ReferenceField({ draft, change }: Pick<Props, 'draft' | 'change'>) {
  const { t } = useText();
  return (
    <BoundedField
      label={t('write.reference')}
      longest={200}
      value={draft.reference}
      onChange={(event) => change({ reference: event.target.value })}
    />
  );
}
