import { Button, Switch } from '@digdir/designsystemet-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { AccessTabs } from '../access/access-tabs.tsx';
import { Elsewhere } from '../access/elsewhere.tsx';
import { useCoverage } from '../api/coverage.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, isNoRight, Trouble, Waiting } from '../ui/states.tsx';
import { CoverageTable } from './coverage-table.tsx';
import type { CoverageSearch } from './search.ts';
import './coverage.css';

export function CoveragePage() {
  return (
    <SignedIn>
      <Coverage />
    </SignedIn>
  );
}

/** Who watches what comes to an organization and to each unit below it: what nobody can open stands first. */
function Coverage() {
  const { t } = useText();
  const { party, isLoading } = useChosenParty();
  const { only } = useSearch({ strict: false }) as CoverageSearch;
  const navigate = useNavigate();
  const isOrganization = party !== null && party.kind !== 'person';
  const coverage = useCoverage(isOrganization ? party.id : undefined, only === 'unwatched');
  const pages = coverage.data?.pages ?? [];
  const units = pages.flatMap((page) => page.units);
  const [first] = pages;
  const filter = (on: boolean): void =>
    void navigate({ to: '.', search: ((before: CoverageSearch) => ({ ...before, only: on ? 'unwatched' : undefined })) as never });
  const name = party ? plainly(party.name, 80) : '';
  return (
    <div className="stack">
      <PageTitle title={t('coverage.title')} />
      <AccessTabs party={party?.id} />
      <Elsewhere />
      {isLoading || coverage.isLoading ? <Waiting /> : null}
      {party && !isOrganization ? (
        <Empty title={t('coverage.chooseTitle')}>
          <p>{t('coverage.chooseNext')}</p>
        </Empty>
      ) : null}
      {isNoRight(coverage.error) ? (
        <Empty title={t('coverage.notYours')}>
          <p>{t('coverage.notYoursNext')}</p>
        </Empty>
      ) : null}
      {coverage.error && !isNoRight(coverage.error) ? <Trouble error={coverage.error} again={() => void coverage.refetch()} /> : null}
      {first && party ? (
        <>
          <p className="narrow">{t('coverage.lead', { name })}</p>
          <Switch label={t('coverage.only')} checked={only === 'unwatched'} onChange={(event) => filter(event.target.checked)} />
          {units.length === 0 && !coverage.hasNextPage ? (
            <Empty title={t('coverage.allWatched')}>
              <p>{t('coverage.allWatchedNext', { name })}</p>
            </Empty>
          ) : (
            <p className="quiet" role="status">
              {t('coverage.shown', { shown: units.length, total: t('coverage.count', { count: first.total ?? units.length }) })}
            </p>
          )}
          {units.length > 0 ? <CoverageTable units={units} /> : null}
        </>
      ) : null}
      {coverage.hasNextPage ? (
        <Button variant="secondary" loading={coverage.isFetchingNextPage} onClick={() => void coverage.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}
