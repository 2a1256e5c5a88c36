import { Details } from '@digdir/designsystemet-react';
import { useMailingLetter } from '../api/mailings.ts';
import { Markdown } from '../letter/markdown.tsx';
import { useDates } from '../ui/dates.ts';
import { type Language, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble, Waiting } from '../ui/states.tsx';

/** What is sent, to be read before it is let go: title, what it demands, and the text as its recipients see it. */
export function MailingLetter({ party, id, service }: { readonly party: string; readonly id: string; readonly service: string }) {
  const { t } = useText();
  const { day } = useDates();
  const letter = useMailingLetter(party, id);
  if (letter.error) return <Trouble error={letter.error} again={() => void letter.refetch()} />;
  if (!letter.data) return <Waiting />;
  const { title, body, translations, language, confirmNeeded, confidential, dueAt, attachments } = letter.data;
  const demands = [
    ...(confidential ? [t('mailings.letter.confidential')] : []),
    ...(confirmNeeded ? [t('mailings.letter.confirm')] : []),
    ...(attachments > 0 ? [t('mailings.letter.attachments', { count: attachments })] : []),
    ...(dueAt ? [t('mailings.letter.due', { date: day(dueAt) })] : []),
  ];
  return (
    <section className="sheet stack-tight" aria-label={t('mailings.letter')}>
      <dl className="facts">
        <dt>{t('mailings.letter.title')}</dt>
        <dd lang={language ?? undefined} dir="auto">
          <strong>{plainly(title, 200)}</strong>
        </dd>
        <dt>{t('mailings.letter.service')}</dt>
        <dd>{service}</dd>
        {demands.length > 0 ? (
          <>
            <dt>{t('mailings.letter.demands')}</dt>
            <dd>{demands.join('. ')}</dd>
          </>
        ) : null}
      </dl>
      <Details defaultOpen>
        <Details.Summary>{t('mailings.letter.text')}</Details.Summary>
        <Details.Content>
          <div lang={language ?? undefined}>
            <Markdown text={body} />
          </div>
        </Details.Content>
      </Details>
      {translations.map((each) => (
        <Details key={each.language}>
          <Details.Summary>{t(`write.language.${each.language.toLowerCase() as Language}`)}</Details.Summary>
          <Details.Content>
            <div lang={each.language}>
              <p dir="auto">
                <strong>{plainly(each.title, 200)}</strong>
              </p>
              <Markdown text={each.body} />
            </div>
          </Details.Content>
        </Details>
      ))}
    </section>
  );
}
