import { Button } from '@digdir/designsystemet-react';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { followMillis, mostTogether, movedTo, useCounts } from '../api/inbox.ts';
import { Hits } from '../ui/hits.tsx';
import { useText, withTexts } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { Filters } from './filters.tsx';
import { Folders } from './folders.tsx';
import { keptPlace } from './kept-lists.ts';
import { LetterList } from './letter-list.tsx';
import { useNewPost } from './new-post.ts';
import { SealedLine } from './sealed-line.tsx';
import { filters, type InboxSearch, wantedOf } from './search.ts';
import { useLetters } from './use-letters.ts';

const Together = lazy(async () => {
  const bar = await withTexts('letter', import('./together.tsx'));
  return { default: bar.Together };
});

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
  const wantedText = JSON.stringify(wanted);
  const { letters: known, more, mayHaveMore, touch, ...items } = useLetters(wanted);
  const folder = search.folder ?? 'inbox';
  const letters = known?.filter(({ id }) => (movedTo(id) ?? folder) === folder);
  const cameFrom = useLetterBefore();
  const [isBack] = useState(() => cameFrom !== null && keptPlace(wantedText) !== null);
  const lookAgain = useRef(touch);
  lookAgain.current = touch;
  useEffect(() => {
    if (!cameFrom) return;
    lookAgain.current([cameFrom]);
    // What was done with it shows in the list a moment later.
    const later = setTimeout(() => lookAgain.current([cameFrom]), followMillis);
    return () => clearTimeout(later);
  }, [cameFrom]);
  const { picked, begin, choose, pick, end } = usePicked(wantedText);
  useNewPost(of, touch);
  const change = (part: Partial<InboxSearch>, replace = false): void =>
    void navigate({ search: (before: InboxSearch) => ({ ...before, ...part }), replace });
  const isNarrowed = Boolean(search.q || search.label || filters.some((each) => search[each]));
  return (
    <div className="columns">
      <Folders of={party?.id} counts={counts.data} search={search} />
      <div className="stack">
        <div className="stack-tight">
          <PageTitle title={t(`folder.${folder}`)} isBack={isBack} />
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
          <>
            {picked ? (
              <Suspense>
                <Together
                  folder={folder}
                  letters={letters.filter(({ id }) => picked.has(id))}
                  all={() => choose(letters.slice(0, mostTogether).map(({ id }) => id))}
                  none={() => choose([])}
                  end={() => {
                    end();
                    document.querySelector('h1')?.focus();
                  }}
                />
              </Suspense>
            ) : (
              <p className="not-printed">
                <Button variant="secondary" data-size="sm" onClick={begin}>
                  {t('together.begin')}
                </Button>
              </p>
            )}
            <LetterList
              letters={letters}
              of={wantedText}
              search={party ? { ...search, party: party.id } : search}
              cameFrom={cameFrom}
              picking={picked ? { picked, pick } : null}
              label={t(`folder.${folder}`)}
              more={more}
              mayHaveMore={mayHaveMore}
            />
          </>
        ) : null}
      </div>
    </div>
  );
}

/**
 * Which letters of a list are chosen; null while none is being chosen. What is answered late (a slow server, and its reader is in
 * another folder by then) changes nothing but in the list that it was asked in.
 */
function usePicked(of: string) {
  const [chosen, setChosen] = useState<{ readonly of: string; readonly ids: ReadonlySet<string> } | null>(null);
  const change = (ids: (before: ReadonlySet<string>) => Iterable<string>): void =>
    setChosen((before) => (before?.of === of ? { of, ids: new Set(ids(before.ids)) } : before));
  return {
    picked: chosen?.of === of ? chosen.ids : null,
    begin: (): void => setChosen({ of, ids: new Set() }),
    choose: (ids: readonly string[]): void => change(() => ids),
    pick: (id: string, on: boolean): void => change((before) => (on ? [...before, id] : [...before].filter((each) => each !== id))),
    end: (): void => setChosen(null),
  };
}

/** The letter that one was on just before this page, if it was one. */
function useLetterBefore(): string | null {
  const { state } = useRouter();
  const [letter] = useState(() => /^\/inbox\/([^/]+)$/.exec(state.resolvedLocation?.pathname ?? '')?.[1] ?? null);
  return letter;
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
