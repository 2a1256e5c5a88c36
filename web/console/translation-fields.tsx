import { Button, Field, Fieldset, Label, Select, ValidationMessage } from '@digdir/designsystemet-react';
import { useEffect, useRef } from 'react';
import type { LetterWords } from '../api/send.ts';
import { BoundedField } from '../ui/bounded-field.tsx';
import { type Language, languages, useText } from '../ui/language.ts';

/** Which languages stand more than once, and what lacks its title or its text. */
export function wrongInTranslations(main: string, translations: readonly LetterWords[]) {
  return translations.map(({ language, title, body }, i) => ({
    language: language === main || translations.some((other, j) => j < i && other.language === language),
    title: title.trim() === '',
    body: body.trim() === '',
  }));
}

interface Props {
  /** The language of the letter itself. */
  readonly main: string;
  readonly translations: readonly LetterWords[];
  readonly tried: boolean;
  readonly change: (translations: readonly LetterWords[]) => void;
}

/** The same letter in other languages. Focus goes to what was added, and back to the button from what was taken away. */
export function TranslationFields({ main, translations, tried, change }: Props) {
  const { t } = useText();
  const box = useRef<HTMLDivElement>(null);
  const count = useRef(translations.length);
  useEffect(() => {
    const more = translations.length - count.current;
    count.current = translations.length;
    if (more > 0) [...box.current!.querySelectorAll('select')].at(-1)!.focus();
    if (more < 0) box.current!.querySelector<HTMLElement>(':scope > p button')!.focus();
  }, [translations.length]);
  const wrong = wrongInTranslations(main, translations);
  const free = languages.find((each) => each !== main && translations.every(({ language }) => language !== each));
  return (
    <div className="stack" ref={box}>
      {translations.map((translation, i) => (
        <OneTranslation
          // biome-ignore lint/suspicious/noArrayIndexKey: it has nothing else of its own that stays
          key={i}
          translation={translation}
          wrong={tried ? wrong[i] : undefined}
          change={(part) => change(translations.map((each, j) => (j === i ? { ...each, ...part } : each)))}
          remove={() => change(translations.filter((_, j) => j !== i))}
        />
      ))}
      {translations.length < languages.length - 1 ? (
        <p>
          <Button
            type="button"
            variant="secondary"
            onClick={() => change([...translations, { language: free ?? main, title: '', body: '' }])}
          >
            {t('write.addLanguage')}
          </Button>
        </p>
      ) : null}
    </div>
  );
}

interface OneProps {
  readonly translation: LetterWords;
  readonly wrong: ReturnType<typeof wrongInTranslations>[number] | undefined;
  readonly change: (part: Partial<LetterWords>) => void;
  readonly remove: () => void;
}

function OneTranslation({ translation: { language, title, body }, wrong, change, remove }: OneProps) {
  const { t } = useText();
  const name = t(`write.language.${language as Language}`);
  return (
    <Fieldset className="sheet stack-tight">
      <Fieldset.Legend>{name}</Fieldset.Legend>
      <Field>
        <Label>{t('write.otherLanguage')}</Label>
        <Select
          value={language}
          aria-invalid={wrong?.language ? true : undefined}
          onChange={(event) => change({ language: event.target.value })}
        >
          {languages.map((each) => (
            <Select.Option key={each} value={each}>
              {t(`write.language.${each}`)}
            </Select.Option>
          ))}
        </Select>
        {wrong?.language ? <ValidationMessage>{t('write.languageTaken')}</ValidationMessage> : null}
      </Field>
      <BoundedField
        label={`${t('write.subject')} (${name})`}
        longest={255}
        lang={language}
        value={title}
        error={wrong?.title ? t('write.subjectMissing') : undefined}
        onChange={(event) => change({ title: event.target.value })}
      />
      <BoundedField
        label={`${t('write.body')} (${name})`}
        multiline
        rows={8}
        longest={30_000}
        lang={language}
        value={body}
        error={wrong?.body ? t('write.bodyMissing') : undefined}
        onChange={(event) => change({ body: event.target.value })}
      />
      <p>
        <Button type="button" variant="tertiary" onClick={remove}>
          {t('write.removeLanguage', { language: name })}
        </Button>
      </p>
    </Fieldset>
  );
}
