import { Table } from '@digdir/designsystemet-react';
import { type Grant, useTakeAccess } from '../api/access.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { type Language, locales, type Say, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { Sure } from '../ui/sure.tsx';
import { rightName } from './right-name.ts';
import type { GrantOrder } from './search.ts';

interface Props {
  readonly rows: readonly Grant[];
  readonly order: GrantOrder;
  readonly took: (grant: Grant) => void;
}

/** What was given: a package, a service, or a confidential service, which has no name here. */
function whatOf(t: Say, language: Language, grant: Grant): string {
  const isNamed = grant.package !== null || grant.resource !== null;
  const name = isNamed
    ? plainly(grant.title?.[language] ?? rightName(t, { package: grant.package, resource: grant.resource }), 120)
    : t('given.unnamed');
  return grant.instance ? `${name} (${t('granted.oneMessage')})` : name;
}

/** All that was given, one line each, by person, by what it is, or as it was given. */
export function GrantTable({ rows, order, took }: Props) {
  const { t, language } = useText();
  const { day } = useDates();
  const compare = (a: string, b: string) => a.localeCompare(b, locales[language]);
  const what = (grant: Grant) => whatOf(t, language, grant);
  const sorted = {
    byPerson: () => rows.toSorted((a, b) => compare(a.toName, b.toName) || compare(what(a), what(b))),
    byAccess: () => rows.toSorted((a, b) => compare(what(a), what(b)) || compare(a.toName, b.toName)),
    byTime: () => rows,
  }[order]();
  return (
    <Scrolling label={t('granted.title')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            <Table.HeaderCell scope="col">{t('granted.who')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('granted.what')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('given.why')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('granted.since')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('granted.until')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('granted.take')}</Table.HeaderCell>
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {sorted.map((grant) => (
            <Table.Row key={grant.id}>
              <Table.HeaderCell scope="row">{plainly(grant.toName, 80)}</Table.HeaderCell>
              <Table.Cell className="wrap" data-label={t('granted.what')}>
                {what(grant)}
              </Table.Cell>
              <Table.Cell className="wrap" data-label={t('given.why')}>
                <Why grant={grant} />
              </Table.Cell>
              <Table.Cell data-label={t('granted.since')}>{day(grant.createdAt)}</Table.Cell>
              <Table.Cell data-label={t('granted.until')}>{grant.until ? day(grant.until) : t('granted.noEnd')}</Table.Cell>
              <Table.Cell className="cards-whole">
                <Take grant={grant} took={took} />
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}

function Why({ grant: { reason, grantedByName } }: { readonly grant: Grant }) {
  const { t } = useText();
  return (
    <span className="stack-tight">
      <span>{reason ? plainly(reason, 300) : <span className="quiet">{t('given.noReason')}</span>}</span>
      {grantedByName ? <span className="quiet">{t('given.by', { name: plainly(grantedByName, 80) })}</span> : null}
    </span>
  );
}

/** Taking access away asks once more: it may seal post that lies unread. */
function Take({ grant, took }: { readonly grant: Grant; readonly took: (grant: Grant) => void }) {
  const { t } = useText();
  const take = useTakeAccess();
  const name = plainly(grant.toName, 60);
  const confirm = async (): Promise<void> => {
    await take.mutateAsync(grant.id);
    announce(t('granted.taken', { name }));
    took(grant);
  };
  return (
    <Sure
      label={t('granted.takeFrom', { name })}
      yes={t('granted.yes')}
      no={t('granted.no')}
      isPending={take.isPending}
      error={take.error}
      confirm={confirm}
    >
      <p>{t('granted.sure', { name })}</p>
    </Sure>
  );
}
