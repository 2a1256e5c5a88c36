import { Button, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useText } from './language.ts';

interface Props {
  readonly label: string;
  readonly text: string;
  readonly search: (text: string) => void;
}

/** Searches when it is asked to, and not while one types: each search is a page to come back to. */
export function SearchField({ label, text, search }: Props) {
  const { t } = useText();
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    search(typed.trim());
  };
  return (
    <search>
      <form className="search-form" onSubmit={submit}>
        <Textfield label={label} type="search" value={typed} maxLength={200} onChange={(event) => setTyped(event.target.value)} />
        <Button type="submit" variant="secondary">
          {t('search.submit')}
        </Button>
      </form>
    </search>
  );
}
