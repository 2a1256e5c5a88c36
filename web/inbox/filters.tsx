import { Field, Label, Select } from '@digdir/designsystemet-react';
import type { Counts } from '../api/inbox.ts';
import { useText } from '../ui/language.ts';
import { SearchField } from '../ui/search-field.tsx';
import { filters, type InboxSearch } from './search.ts';

interface Props {
  readonly search: InboxSearch;
  readonly counts: Counts | undefined;
  readonly change: (part: Partial<InboxSearch>) => void;
}

/** What must I do: unread, due, to be confirmed, with numbers, each a button that shows only those. */
export function Filters({ search, counts, change }: Props) {
  const { t } = useText();
  return (
    <div className="stack-tight not-printed">
      <fieldset className="filters">
        <legend className="ds-sr-only">{t('filter.group')}</legend>
        {filters.map((filter) => (
          <button
            key={filter}
            type="button"
            className="filter"
            aria-pressed={search[filter] === true}
            onClick={() => change({ [filter]: search[filter] ? undefined : true })}
          >
            {t(`filter.${filter}`)} {counts && !search.folder ? <strong>{counts[filter]}</strong> : null}
          </button>
        ))}
        {search.label ? (
          <button type="button" className="filter" aria-pressed onClick={() => change({ label: undefined })}>
            {t('filter.label', { label: search.label })}
          </button>
        ) : null}
      </fieldset>
      <div className="row row-end">
        <SearchField label={t('search.label')} text={search.q ?? ''} search={(q) => change({ q: q || undefined })} />
        <Field>
          <Label>{t('sort.label')}</Label>
          <Select value={search.sort ?? 'newest'} onChange={(event) => change({ sort: sortOf(event.target.value) })}>
            {(['newest', 'oldest', 'due'] as const).map((sort) => (
              <Select.Option key={sort} value={sort}>
                {t(`sort.${sort}`)}
              </Select.Option>
            ))}
          </Select>
        </Field>
      </div>
    </div>
  );
}

function sortOf(value: string): InboxSearch['sort'] {
  return value === 'oldest' || value === 'due' ? value : undefined;
}
