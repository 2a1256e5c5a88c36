import { Fieldset, Radio } from '@digdir/designsystemet-react';
import { languages as known, useText } from '../ui/language.ts';

interface Props {
  readonly languages: readonly string[];
  readonly shown: string;
  readonly choose: (language: string) => void;
}

/** In which of its languages a letter is read. What is printed is what is shown. */
export function LanguageChoice({ languages, shown, choose }: Props) {
  const { t } = useText();
  return (
    <Fieldset className="not-printed" data-size="sm">
      <Fieldset.Legend>{t('letter.languages')}</Fieldset.Legend>
      <div className="row">
        {known
          .filter((each) => languages.includes(each))
          .map((each) => (
            <Radio
              key={each}
              name="letter-language"
              value={each}
              label={t(`write.language.${each}`)}
              checked={each === shown}
              onChange={() => choose(each)}
            />
          ))}
      </div>
    </Fieldset>
  );
}
