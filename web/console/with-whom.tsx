import { Field, Label, Select } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { useUnreadSummary } from '../api/sent.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { SearchField } from '../ui/search-field.tsx';
import { useTitleOf } from '../ui/service-titles.ts';
import type { UnreadSearch } from './search.ts';

interface Props {
  readonly party: string;
  readonly to: string | undefined;
  readonly service: string | undefined;
  readonly change: (part: Partial<UnreadSearch>) => void;
}

/** The board of one recipient or one service: those with whom most lies to choose among, all others by their number. */
export function WithWhom({ party, to, service, change }: Props) {
  const { t } = useText();
  const titleOf = useTitleOf(party);
  const all = useUnreadSummary(party).data;
  const [isOdd, setIsOdd] = useState(false);
  const named = (all?.recipients ?? []).flatMap(({ number, ...more }) => (number === null ? [] : [{ number, ...more }]));
  const services = [...new Set([...(all?.groups ?? []).map(({ resource }) => resource), ...(service ? [service] : [])])];
  const look = (text: string): void => {
    const number = text.replace(/\s/g, '');
    const isNumber = /^(\d{9}|\d{11})$/.test(number);
    setIsOdd(number !== '' && !isNumber);
    if (number === '' || isNumber) change({ to: number || undefined });
  };
  return (
    <div className="stack-tight">
      <div className="row row-end">
        <Field>
          <Label>{t('unread.to')}</Label>
          <Select value={to ?? ''} onChange={(event) => look(event.target.value)}>
            <Select.Option value="">{t('unread.toAll')}</Select.Option>
            {named.map(({ number, name, count }) => (
              <Select.Option key={number} value={number}>
                {t('unread.toCount', { name: plainly(name, 60), count })}
              </Select.Option>
            ))}
            {to && !named.some(({ number }) => number === to) ? <Select.Option value={to}>{to}</Select.Option> : null}
          </Select>
        </Field>
        {services.length > 1 ? (
          <Field>
            <Label>{t('unread.service')}</Label>
            <Select value={service ?? ''} onChange={(event) => change({ service: event.target.value || undefined })}>
              <Select.Option value="">{t('unread.serviceAll')}</Select.Option>
              {services.map((id) => (
                <Select.Option key={id} value={id}>
                  {titleOf(id)}
                </Select.Option>
              ))}
            </Select>
          </Field>
        ) : null}
        <SearchField label={t('unread.toNumber')} text={to ?? ''} search={look} />
      </div>
      <p role="status">{isOdd ? t('unread.toNumberWrong') : ''}</p>
    </div>
  );
}
