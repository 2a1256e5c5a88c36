import { Checkbox, Field, Label, Select, Textfield } from '@digdir/designsystemet-react';
import { sentStandings } from '../api/board-words.ts';
import { useServices } from '../api/send.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import type { SentSearch } from './search.ts';

interface Props {
  readonly party: string;
  readonly search: SentSearch;
  readonly change: (part: Partial<SentSearch>) => void;
}

/** Of what was sent only some: by where it stands, on which service, when, and whether it is confidential. */
export function SentFilters({ party, search, change }: Props) {
  const { t, language } = useText();
  const services = useServices(party).data?.services ?? [];
  return (
    <fieldset className="filters row-end">
      <legend className="ds-sr-only">{t('sent.filters')}</legend>
      <Field>
        <Label>{t('sent.standing')}</Label>
        <Select
          value={search.standing ?? ''}
          onChange={(event) => change({ standing: sentStandings.find((each) => each === event.target.value) })}
        >
          <Select.Option value="">{t('sent.standing.all')}</Select.Option>
          {sentStandings.map((each) => (
            <Select.Option key={each} value={each}>
              {t(`sent.standing.${each}`)}
            </Select.Option>
          ))}
        </Select>
      </Field>
      {services.length > 1 ? (
        <Field>
          <Label>{t('sent.service')}</Label>
          <Select value={search.service ?? ''} onChange={(event) => change({ service: event.target.value || undefined })}>
            <Select.Option value="">{t('unread.serviceAll')}</Select.Option>
            {services.map(({ id, title }) => (
              <Select.Option key={id} value={id}>
                {plainly(title[language], 80)}
              </Select.Option>
            ))}
          </Select>
        </Field>
      ) : null}
      {(['from', 'until'] as const).map((end) => (
        <Textfield
          key={end}
          type="date"
          label={t(`sent.${end}`)}
          value={search[end] ?? ''}
          onChange={(event) => change({ [end]: event.target.value || undefined })}
        />
      ))}
      <Checkbox
        label={t('sent.onlyConfidential')}
        checked={search.confidential === true}
        onChange={(event) => change({ confidential: event.target.checked || undefined })}
      />
    </fieldset>
  );
}
