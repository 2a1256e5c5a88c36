import { Table } from '@digdir/designsystemet-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { usePeople } from '../api/sandbox.ts';
import { useText } from '../ui/language.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { SandboxOnly } from './sandbox-only.tsx';

export function PeoplePage() {
  const { t } = useText();
  return (
    <SandboxOnly title={t('sandbox.people')}>
      <People />
    </SandboxOnly>
  );
}

/** Whom one may log in as. */
function People() {
  const { t, language } = useText();
  const { q = '' } = useSearch({ from: '/sandbox/people' });
  const navigate = useNavigate({ from: '/sandbox/people' });
  const { data, error, isPending, refetch } = usePeople(q);
  const loginOf = (who: string): string => `/login?${new URLSearchParams({ returnTo: '/inbox', lang: language, who })}`;
  return (
    <>
      <p className="narrow">{t('sandbox.peopleLead')}</p>
      <SearchField label={t('sandbox.peopleSearch')} text={q} search={(text) => void navigate({ search: { q: text || undefined } })} />
      {isPending ? <Waiting /> : null}
      {error ? <Trouble error={error} again={() => void refetch()} /> : null}
      {data && data.people.length === 0 ? (
        <Empty title={t('sandbox.nobody')}>
          <p>{t('sandbox.nobodyNext')}</p>
        </Empty>
      ) : null}
      {data && data.people.length > 0 ? (
        <Scrolling label={t('sandbox.people')}>
          <Table data-color="neutral" className="cards">
            <Table.Head>
              <Table.Row>
                <Table.HeaderCell scope="col">{t('sandbox.name')}</Table.HeaderCell>
                <Table.HeaderCell scope="col">{t('sandbox.leads')}</Table.HeaderCell>
                <Table.HeaderCell scope="col">{t('sandbox.number')}</Table.HeaderCell>
                <Table.HeaderCell scope="col">{t('sandbox.logIn')}</Table.HeaderCell>
              </Table.Row>
            </Table.Head>
            <Table.Body>
              {data.people.map(({ name, number, leads }) => (
                <Table.Row key={number}>
                  <Table.HeaderCell scope="row">{name}</Table.HeaderCell>
                  <Table.Cell className="wrap" data-label={t('sandbox.leads')}>
                    {leads.length > 0 ? leads.join(', ') : t('sandbox.leadsNothing')}
                  </Table.Cell>
                  <Table.Cell data-label={t('sandbox.number')}>{number}</Table.Cell>
                  <Table.Cell className="cards-whole">
                    <a href={loginOf(number)}>{t('sandbox.logInAs', { name })}</a>
                  </Table.Cell>
                </Table.Row>
              ))}
            </Table.Body>
          </Table>
        </Scrolling>
      ) : null}
      {data?.more ? <p className="quiet">{t('sandbox.morePeople')}</p> : null}
    </>
  );
}
