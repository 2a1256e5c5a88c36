import { Checkbox, Heading, Table, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { decisions, mostAtOnce } from '../api/decide.ts';
import type { BoardSort, UnreadItem } from '../api/sent.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { DecisionForm } from './decision-form.tsx';

/** Causes that wait for a person, and not for a notice that is on its way. */
const someoneMustAct = new Set([
  'receiver-gone',
  'no-opener',
  'grant-needed',
  'attachment-locked',
  'no-contact-point',
  'notification-failed',
  'opened-not-confirmed',
]);

interface Props {
  readonly rows: readonly UnreadItem[];
  readonly party: string;
  readonly sort: BoardSort;
  readonly order: (sort: BoardSort) => void;
}

/** How a heading says that the rows lie in its order, and what pressing it asks for; the others cannot be sorted by. */
const sortOf = {
  age: {
    says: (sort: BoardSort) => (sort === 'next' ? 'none' : sort === 'oldest' ? 'descending' : 'ascending'),
    asks: (sort: BoardSort): BoardSort => (sort === 'oldest' ? 'newest' : 'oldest'),
  },
  next: { says: (sort: BoardSort) => (sort === 'next' ? 'ascending' : 'none'), asks: (): BoardSort => 'next' },
} as const;

const keyOf = ({ id, recipient, kind }: UnreadItem): string => (kind === 'file' ? `${id} ${recipient.number}` : id);
/** A file cannot be taken back among many: its transfer may have other recipients. */
const decidableOf = ({ kind, decisions: those }: UnreadItem) =>
  kind === 'file' ? those.filter((each) => each === 'accept-as-unread') : those;

/** The board, line by line; those that are chosen are decided together, under it. */
export function UnreadTable({ rows, party, sort, order }: Props) {
  const { t } = useText();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const can = rows.filter((item) => decidableOf(item).length > 0).slice(0, mostAtOnce);
  const chosen = can.filter((item) => picked.has(keyOf(item)));
  const together = decisions.filter((each) => chosen.every((item) => decidableOf(item).includes(each)));
  const pick = (key: string, on: boolean): void =>
    setPicked((before) => new Set(on ? [...before, key] : [...before].filter((each) => each !== key)));
  return (
    <>
      {can.length > 1 ? (
        <Checkbox
          label={t('decide.pickAll')}
          checked={chosen.length === can.length}
          onChange={(event) => setPicked(event.target.checked ? new Set(can.map(keyOf)) : new Set())}
        />
      ) : null}
      <section className="table-scroll" aria-label={t('unread.title')} tabIndex={-1}>
        <Table data-color="neutral">
          <Table.Head>
            <Table.Row>
              {(['choose', 'recipient', 'cause', 'who'] as const).map((column) => (
                <Table.HeaderCell key={column} scope="col">
                  {t(`unread.${column}`)}
                </Table.HeaderCell>
              ))}
              {(['age', 'next'] as const).map((column) => (
                <Table.HeaderCell
                  key={column}
                  scope="col"
                  sort={sortOf[column].says(sort)}
                  onClick={() => order(sortOf[column].asks(sort))}
                >
                  {t(`unread.${column}`)}
                </Table.HeaderCell>
              ))}
            </Table.Row>
          </Table.Head>
          <Table.Body>
            {rows.map((item) => (
              <Line
                key={keyOf(item)}
                item={item}
                party={party}
                picked={can.includes(item) ? picked.has(keyOf(item)) : null}
                pick={(on) => pick(keyOf(item), on)}
              />
            ))}
          </Table.Body>
        </Table>
      </section>
      {chosen.length > 0 ? (
        <section className="sheet must-act stack" aria-labelledby="decide-many">
          <Heading level={2} data-size="xs" id="decide-many">
            {t('decide.titleMany', { count: chosen.length })}
          </Heading>
          {together.length > 0 ? (
            <DecisionForm
              party={party}
              items={chosen.map(({ id, kind, recipient }) => (kind === 'file' ? { id, recipient: recipient.number } : { id }))}
              allowed={together}
              name="many"
              done={({ answers, decided }) => setPicked(decided === answers.length ? new Set() : picked)}
            />
          ) : (
            <p role="status">{t('decide.nothingTogether')}</p>
          )}
        </section>
      ) : null}
    </>
  );
}

interface LineProps {
  readonly item: UnreadItem;
  readonly party: string;
  /** Null where there is nothing to decide. */
  readonly picked: boolean | null;
  readonly pick: (on: boolean) => void;
}

function Line({ item, party, picked, pick }: LineProps) {
  const { t } = useText();
  const { moment } = useDates();
  const name = plainly(item.recipient.name, 80);
  return (
    <Table.Row>
      <Table.Cell>
        {picked === null ? null : (
          <Checkbox aria-label={t('decide.pick', { name })} checked={picked} onChange={(event) => pick(event.target.checked)} />
        )}
      </Table.Cell>
      <Table.HeaderCell scope="row" className="wrap">
        {item.kind === 'message' ? (
          <Link to="/console/$id" params={{ id: item.id }} search={{ party }}>
            {name}
          </Link>
        ) : (
          <Link to="/console/files/$id" params={{ id: item.id }} search={{ party }}>
            {name}
          </Link>
        )}
      </Table.HeaderCell>
      <Table.Cell>
        <Tag data-size="sm" data-color={someoneMustAct.has(item.cause) ? 'warning' : 'neutral'}>
          {t(`cause.${item.cause}`, { dueAt: moment(item.nextStepAt) })}
        </Tag>
      </Table.Cell>
      <Table.Cell>{t(`openability.${item.class}`, { n: item.class === 'GRANTABLE' ? item.grantors : item.openers })}</Table.Cell>
      <Table.Cell>{item.ageDays === 0 ? t('unread.today') : t('unread.days', { count: item.ageDays })}</Table.Cell>
      <Table.Cell>{moment(item.nextStepAt)}</Table.Cell>
    </Table.Row>
  );
}
