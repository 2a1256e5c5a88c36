import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { useId, useState } from 'react';
import type { CoverageRight, CoverageUnit } from '../api/coverage.ts';
import { type Say, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { CoverageDetails } from './coverage-details.tsx';

const columns = ['post', 'canOpen', 'canGive', 'unread'] as const;

/** The tree as a table: each unit is a group of rows, set in as far as it lies below, and says what it is under. */
export function CoverageTable({ units }: { readonly units: readonly CoverageUnit[] }) {
  const { t } = useText();
  const names = new Map(units.map(({ id, name }) => [id, name]));
  return (
    <Scrolling label={t('coverage.title')}>
      <Table data-color="neutral" className="cards coverage">
        <Table.Head>
          <Table.Row>
            {columns.map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`coverage.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        {units.map((unit) => (
          <UnitRows key={unit.id} unit={unit} under={unit.parent === null ? undefined : names.get(unit.parent)} />
        ))}
      </Table>
    </Scrolling>
  );
}

function UnitRows({ unit, under }: { readonly unit: CoverageUnit; readonly under: string | undefined }) {
  const { t } = useText();
  return (
    <Table.Body className="coverage-unit" data-depth={Math.min(unit.depth, 4)}>
      <Table.Row>
        <Table.HeaderCell scope="rowgroup" colSpan={columns.length} className="wrap">
          <span className="coverage-held">
            {plainly(unit.name, 80)}
            {unit.alive ? null : <span className="quiet"> ({t('coverage.closed')})</span>}
            {under ? <span className="quiet"> {t('coverage.under', { name: plainly(under, 80) })}</span> : null}
          </span>
        </Table.HeaderCell>
      </Table.Row>
      {unit.rights.length === 0 ? (
        <Table.Row>
          <Table.Cell colSpan={columns.length}>{t('coverage.nothing')}</Table.Cell>
        </Table.Row>
      ) : null}
      {unit.rights.map((right, place) => (
        // several may go by roles alone: these stand in one order
        <RightRows key={`${right.kind} ${right.package ?? right.resource ?? place}`} unit={unit} right={right} />
      ))}
    </Table.Body>
  );
}

function RightRows({ unit, right }: { readonly unit: CoverageUnit; readonly right: CoverageRight }) {
  const { t, language } = useText();
  const [open, setOpen] = useState(false);
  const details = useId();
  const title = plainly(titleOf(t, language, right), 120);
  const gives = right.unwatched > 0 && right.youMayGive && (right.package !== null || right.resource !== null || right.oneByOne !== null);
  return (
    <>
      <Table.Row>
        <Table.HeaderCell scope="row" className="wrap">
          <span className="stack-tight">
            <span>{title}</span>
            <span className="quiet">
              {t(`coverage.kind-${right.kind}`)}
              {right.services > 1 ? `, ${t('coverage.services', { count: right.services })}` : null}
            </span>
            <span>
              <Button
                variant="secondary"
                data-size="sm"
                aria-expanded={open}
                aria-controls={details}
                aria-label={t(gives ? 'coverage.giveAt' : 'coverage.seeAt', { right: title, unit: plainly(unit.name, 80) })}
                onClick={() => setOpen(!open)}
              >
                {t(gives ? 'coverage.giveShort' : 'coverage.seeShort')}
              </Button>
            </span>
          </span>
        </Table.HeaderCell>
        <Table.Cell data-label={t('coverage.canOpen')}>
          <CanOpen right={right} />
        </Table.Cell>
        <Table.Cell data-label={t('coverage.canGive')}>{right.grantors === 0 ? t('coverage.nobody') : right.grantors}</Table.Cell>
        <Table.Cell data-label={t('coverage.unread')}>
          {right.unread === null ? <span className="quiet">{t('coverage.notTold')}</span> : right.unread}
        </Table.Cell>
      </Table.Row>
      {open ? (
        <Table.Row id={details}>
          <Table.Cell colSpan={columns.length}>
            <CoverageDetails unit={unit} right={right} />
          </Table.Cell>
        </Table.Row>
      ) : null}
    </>
  );
}

function CanOpen({ right: { unwatched, services, persons, systems, recent } }: { readonly right: CoverageRight }) {
  const { t } = useText();
  return (
    <span className="stack-tight">
      {unwatched > 0 ? (
        <Tag data-size="sm" data-color="warning">
          {unwatched === services ? t('coverage.nobody') : t('coverage.nobodyOn', { unwatched, services })}
        </Tag>
      ) : null}
      {persons > 0 ? <span>{t('coverage.persons', { count: persons })}</span> : null}
      {systems > 0 ? <span>{t('coverage.systems', { count: systems })}</span> : null}
      {persons + systems > 0 ? (
        <span className="quiet">{recent > 0 ? t('coverage.recent', { count: recent }) : t('coverage.noneRecent')}</span>
      ) : null}
    </span>
  );
}

/** What a right is called: its package, the one service with who sends on it, that it is given service by service, or that it goes by roles. */
function titleOf(t: Say, language: 'nb' | 'nn' | 'en', { title, owner, package: code, oneByOne }: CoverageRight): string {
  if (oneByOne) return t('coverage.oneByOne');
  if (!title) return t('coverage.byRole');
  return code === null && owner ? t('coverage.by', { title: title[language], owner }) : title[language];
}
