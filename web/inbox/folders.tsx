import { Link } from '@tanstack/react-router';
import type { Counts } from '../api/inbox.ts';
import { useText } from '../ui/language.ts';
import type { InboxSearch } from './search.ts';

const folders = ['inbox', 'archive', 'bin'] as const;

export function Folders({ counts, search }: { readonly counts: Counts | undefined; readonly search: InboxSearch }) {
  const { t } = useText();
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
              activeProps={{}}
            >
              <span>{t(`folder.${folder}`)}</span>
              {numbers && numbers[folder] > 0 ? <span>{t('folder.unread', { count: numbers[folder] })}</span> : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
