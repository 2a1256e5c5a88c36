import { Field, Label, Select } from '@digdir/designsystemet-react';
import { type Language, languages, useText } from './language.ts';

interface Props {
  readonly value: Language;
  readonly choose: (language: Language) => void;
}

/** In which language a letter is written: that of the letter, whatever the menu is in. Its reader's machine reads it aloud by it. */
export function LetterLanguage({ value, choose }: Props) {
  const { t } = useText();
  return (
    <Field>
      <Label>{t('write.language')}</Label>
      <Select value={value} onChange={(event) => choose(event.target.value as Language)}>
        {languages.map((each) => (
          <Select.Option key={each} value={each}>
            {t(`write.language.${each}`)}
          </Select.Option>
        ))}
      </Select>
    </Field>
  );
}
