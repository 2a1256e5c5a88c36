import { Heading } from '@digdir/designsystemet-react';
import type { LetterWords } from '../api/send.ts';
import { Markdown } from '../letter/markdown.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

interface Props extends LetterWords {
  readonly sender: string;
}

/** A letter as whoever opens it will see it, with the marks of its text made into what they mean. */
export function LetterPreview({ sender, language, title, body }: Props) {
  const { t } = useText();
  return (
    <article className="sheet stack-tight" lang={language} aria-label={t('write.preview')}>
      <Heading level={2} data-size="xs" className="wrap" dir="auto">
        {plainly(title)}
      </Heading>
      <p className="quiet">{plainly(sender, 120)}</p>
      <Markdown text={body} />
    </article>
  );
}
