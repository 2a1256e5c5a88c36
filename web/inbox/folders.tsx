import { Link } from '@tanstack/react-router';
import { type Counts, useWords } from '../api/inbox.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import type { InboxSearch } from './search.ts';

const folders = ['inbox', 'archive', 'bin'] as const;

interface Props {
  readonly of: string | undefined;
  readonly counts: Counts | undefined;
  readonly search: InboxSearch;
}

/** The folders, and the words that are on letters: each finds those that it is on, in the folder that one looks at. */
export function Folders({ of, counts, search }: Props) {
  const { t } = useText();
  const words = useWords(of).data?.labels ?? [];
  const chosen = search.folder ?? 'inbox';
  const party = search.party ? { party: search.party } : {};
  const numbers = counts ? { inbox: counts.unread, archive: 0, bin: 0 } : null;
  return (
    <nav className="folders not-printed" aria-label={t('folder.all')}>
      <ul>
        {folders.map((folder) => (
          <li key={folder}>
            <Link
              to="/inbox"
              search={{ ...party, ...(folder === 'inbox' ? {} : { folder }) }}
              aria-current={folder === chosen ? 'page' : undefined}
              activeOptions={{ exact: true }}
              activeProps={{}}
            >
              <span>{t(`folder.${folder}`)}</span>
              {numbers && numbers[folder] > 0 ? <span>{t('folder.unread', { count: numbers[folder] })}</span> : null}
            </Link>
          </li>
        ))}
      </ul>
      {words.length > 0 ? (
        <>
          <p className="quiet" id="labels">
            {t('folder.labels')}
          </p>
          <ul aria-labelledby="labels">
            {words.map(({ word, count }) => (
              <li key={word}>
                <Link
                  to="/inbox"
                  search={{ ...party, ...(chosen === 'inbox' ? {} : { folder: chosen }), label: word }}
                  aria-current={search.label === word ? 'page' : undefined}
                  activeOptions={{ exact: true }}
                  activeProps={{}}
                >
                  <span className="wrap">{plainly(word, 40)}</span>
                  <span>{count}</span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </nav>
  );
}
