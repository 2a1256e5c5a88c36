import { Button } from '@digdir/designsystemet-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useCounts } from '../api/inbox.ts';
import { Hits } from '../ui/hits.tsx';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { Filters } from './filters.tsx';
import { Folders } from './folders.tsx';
import { LetterList } from './letter-list.tsx';
import { useNewPost } from './new-post.ts';
import { SealedLine } from './sealed-line.tsx';
import { filters, type InboxSearch, wantedOf } from './search.ts';
import { useLetters } from './use-letters.ts';

export function InboxPage() {
  return (
    <SignedIn>
      <Inbox />
    </SignedIn>
  );
}

function Inbox() {
  const { t } = useText();
  const search = useSearch({ from: '/inbox' });
  const navigate = useNavigate({ from: '/inbox' });
  const { party, isLoading, error } = useChosenParty();
  const counts = useCounts(party?.id);
  const of = party?.id;
  const wanted = useMemo(() => (of ? wantedOf(of, search) : null), [of, search]);
  const { letters, more, mayHaveMore, touch, ...items } = useLetters(wanted);
  useNewPost(of, touch);
  const change = (part: Partial<InboxSearch>, replace = false): void =>
    void navigate({ search: (before: InboxSearch) => ({ ...before, ...part }), replace });
  const folder = search.folder ?? 'inbox';
  const isNarrowed = Boolean(search.q || search.label || filters.some((each) => search[each]));
  return (
    <div className="columns">
      <Folders counts={counts.data} search={search} />
      <div className="stack">
        <div className="stack-tight">
          <PageTitle title={t(`folder.${folder}`)} />
          {party ? <p className="quiet wrap">{t('inbox.of', { name: plainly(party.name, 80) })}</p> : null}
        </div>
        {error ? <Trouble error={error} /> : null}
        {!isLoading && !error && !party ? <Empty title={t('inbox.nobody')} /> : null}
        <SealedLine party={party} count={counts.data?.sealed ?? 0} />
        <Filters search={search} counts={counts.data} change={change} />
        <Hits
          count={items.isBehind ? undefined : letters?.length}
          mayHaveMore={mayHaveMore}
          asked={JSON.stringify(wanted)}
          isNarrowed={isNarrowed}
        />
        {items.error ? <Trouble error={items.error} again={items.again} /> : null}
        {isLoading || (items.isLoading && party) ? <Waiting /> : null}
        {letters?.length === 0 ? (
          <Nothing folder={folder} isNarrowed={isNarrowed} clear={() => void navigate({ search: { party: search.party } })} />
        ) : null}
        {letters && letters.length > 0 ? (
          <LetterList letters={letters} party={party?.id} label={t(`folder.${folder}`)} more={more} mayHaveMore={mayHaveMore} />
        ) : null}
      </div>
    </div>
  );
}

interface NothingProps {
  readonly folder: 'inbox' | 'archive' | 'bin';
  readonly isNarrowed: boolean;
  readonly clear: () => void;
}

function Nothing({ folder, isNarrowed, clear }: NothingProps) {
  const { t } = useText();
  if (!isNarrowed) {
    return (
      <Empty title={t(`empty.${folder}`)}>
        <p>{t(`empty.${folder}Next`)}</p>
      </Empty>
    );
  }
  return (
    <Empty title={t('empty.search')}>
      <p>{t('empty.searchNext')}</p>
      <p>
        <Button variant="secondary" onClick={clear}>
          {t('filter.clear')}
        </Button>
      </p>
    </Empty>
  );
}
