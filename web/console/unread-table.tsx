import { Button, Checkbox, Table, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import type { BoardSort } from '../api/board-words.ts';
import { type Decision, decisions, mostAtOnce } from '../api/decide.ts';
import { isNotUploaded, type SentFile, useSentFilesOf } from '../api/files.ts';
import { type SentItem, type UnreadItem, useSentItems } from '../api/sent.ts';
import { useDates } from '../ui/dates.ts';
import { type Say, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { useTitleOf } from '../ui/service-titles.ts';
import { LyingStick, type Way } from '../ui/stick-lying.tsx';
import { toldApart } from '../ui/told-apart.ts';
import { causeText } from './cause-text.ts';
import { DecisionDialog } from './decision-dialog.tsx';
import { stepText } from './notches-of.ts';
import { isCalm, wayOf } from './way-of.ts';

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

const columns = 7;

/** Stands for the box that chooses all. */
const everybody = 'all';

/** The board, line by line. The way to decide about those that are chosen stands where the last was chosen, and is asked about in a dialog. */
export function UnreadTable({ rows, party, sort, order }: Props) {
  const { t } = useText();
  const titleOf = useTitleOf(party);
  const sent = useSentItems(
    rows.filter(({ kind }) => kind === 'message').map(({ id }) => id),
    party,
  );
  const files = useSentFilesOf([...new Set(rows.filter(({ kind }) => kind === 'file').map(({ id }) => id))], party);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [lastPicked, setLastPicked] = useState('');
  const can = rows.filter((item) => decidableOf(item).length > 0).slice(0, mostAtOnce);
  const { moment } = useDates();
  const titleIn = (item: UnreadItem): string => titleFor(item, { sent: sent.get(item.id), file: files.get(item.id) }, t);
  const called = toldApart(
    can.map((item) => {
      const name = [plainly(item.recipient.name, 80), ...(titleIn(item) ? [titleIn(item)] : [])].join(', ');
      return [name, `${name}, ${moment(item.publishedAt ?? item.sentAt)}`];
    }),
    (name, nth, of) => t('ui.nth', { name, nth, of }),
  );
  const chosen = can.filter((item) => picked.has(keyOf(item)));
  const together = decisions.filter((each) => chosen.every((item) => decidableOf(item).includes(each)));
  const pick = (key: string, on: boolean): void => {
    setPicked((before) => new Set(on ? [...before, key] : [...before].filter((each) => each !== key)));
    if (on) setLastPicked(key);
  };
  const here = chosen.some((item) => keyOf(item) === lastPicked) ? lastPicked : chosen.length > 0 ? keyOf(chosen.at(-1)!) : '';
  const wayToDecide = (
    <DecideTogether
      party={party}
      chosen={chosen}
      allowed={together}
      none={() => setPicked(new Set())}
      done={(everyOne) => {
        if (everyOne) setPicked(new Set());
        document.querySelector('h1')?.focus();
      }}
    />
  );
  return (
    <>
      {can.length > 1 ? (
        <Checkbox
          label={t('decide.pickAll')}
          checked={chosen.length === can.length}
          onChange={(event) => {
            setPicked(event.target.checked ? new Set(can.map(keyOf)) : new Set());
            setLastPicked(everybody);
          }}
        />
      ) : null}
      <p role="status" className="ds-sr-only">
        {chosen.length > 0 ? t('decide.picked', { count: chosen.length }) : lastPicked ? t('decide.nonePicked') : ''}
      </p>
      {chosen.length > 0 && lastPicked === everybody ? wayToDecide : null}
      <Scrolling label={t('unread.title')}>
        <Table data-color="neutral" className="cards board">
          <Table.Head>
            <Table.Row>
              {(['choose', 'recipient', 'what', 'cause', 'who'] as const).map((column) => (
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
              <Fragment key={keyOf(item)}>
                <Line
                  item={item}
                  sent={sent.get(item.id)}
                  file={files.get(item.id)}
                  service={titleOf(item.resource)}
                  party={party}
                  title={titleIn(item)}
                  called={called[can.indexOf(item)] ?? ''}
                  picked={can.includes(item) ? picked.has(keyOf(item)) : null}
                  pick={(on) => pick(keyOf(item), on)}
                />
                {lastPicked !== everybody && here === keyOf(item) ? (
                  <Table.Row>
                    <Table.Cell colSpan={columns}>{wayToDecide}</Table.Cell>
                  </Table.Row>
                ) : null}
              </Fragment>
            ))}
          </Table.Body>
        </Table>
      </Scrolling>
    </>
  );
}

interface TogetherProps {
  readonly party: string;
  readonly chosen: readonly UnreadItem[];
  /** What can be decided about all of them. */
  readonly allowed: readonly Decision[];
  readonly none: () => void;
  readonly done: (everyOne: boolean) => void;
}

function DecideTogether({ party, chosen, allowed, none, done }: TogetherProps) {
  const { t } = useText();
  const [asking, setAsking] = useState(false);
  const title = t('decide.titleMany', { count: chosen.length });
  return (
    <div className="row" data-color="accent">
      {allowed.length > 0 ? (
        <Button data-size="sm" aria-haspopup="dialog" onClick={() => setAsking(true)}>
          {t('decide.open', { count: chosen.length })}
        </Button>
      ) : (
        <p role="status">{t('decide.nothingTogether')}</p>
      )}
      <Button variant="secondary" data-size="sm" onClick={none}>
        {t('decide.pickNone')}
      </Button>
      {asking ? (
        <DecisionDialog
          title={title}
          party={party}
          items={chosen.map(({ id, kind, recipient }) => (kind === 'file' ? { id, recipient: recipient.number } : { id }))}
          allowed={allowed}
          words={chosen.some(({ kind }) => kind === 'file') ? wordsOfFiles(chosen.length, t) : undefined}
          isOpened={chosen.some(({ kind, openedAt }) => kind === 'message' && openedAt !== null)}
          name="many"
          close={() => setAsking(false)}
          done={({ answers, decided }) => done(decided === answers.length)}
        />
      ) : null}
    </div>
  );
}

/** Of a file, and of several of which some are files, it is only ever said that they are left as they are. */
function wordsOfFiles(count: number, t: Say) {
  const way = { label: t('decide.file', { count }), means: t('decide.fileMeans', { count }) };
  return { what: t('decide.fileWhat', { count }), of: () => way };
}

interface LineProps {
  readonly item: UnreadItem;
  /** What is known of it as something that was sent, where it was sent on a service of the organization's own. */
  readonly sent: SentItem | undefined;
  readonly file: SentFile | undefined;
  readonly service: string;
  readonly party: string;
  readonly title: string;
  /** What it is called where it is chosen: not as any other. */
  readonly called: string;
  /** Null where there is nothing to decide. */
  readonly picked: boolean | null;
  readonly pick: (on: boolean) => void;
}

function Line({ item, sent, file, service, party, title, called, picked, pick }: LineProps) {
  const { t } = useText();
  const { day, moment } = useDates();
  const name = plainly(item.recipient.name, 80);
  const n = item.class === 'GRANTABLE' ? item.grantors : item.openers;
  const reference = sent?.sendersReference ?? file?.sendersReference;
  return (
    <Table.Row>
      <Table.Cell>
        {picked === null ? null : (
          <Checkbox aria-label={t('decide.pick', { name: called })} checked={picked} onChange={(event) => pick(event.target.checked)} />
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
      <Table.Cell className="wrap cards-whole">
        {title}
        <span className="quiet under">{[service, ...(reference ? [plainly(reference, 60)] : [])].join(' · ')}</span>
      </Table.Cell>
      <Table.Cell data-label={t('unread.cause')}>
        <LyingStick {...(sent ? wayOf(sent) : stillUnread(item))} />
        <Tag data-size="sm" data-color={isCalm(item.cause) ? 'neutral' : 'warning'}>
          {causeText(t, item.kind, item.cause, moment(item.nextStepAt))}
        </Tag>
        {item.fetchedBySystemAt && !item.openedAt ? (
          <span className="under quiet">{t('unread.bySystem', { at: day(item.fetchedBySystemAt) })}</span>
        ) : null}
      </Table.Cell>
      <Table.Cell data-label={t('unread.who')}>
        {item.kind === 'file' ? t(`fetchability.${item.class}`, { n }) : t(`openability.${item.class}`, { n })}
      </Table.Cell>
      <Table.Cell className="cards-end" data-label={t('unread.age')}>
        {item.ageDays === 0 ? t('unread.today') : t('unread.days', { count: item.ageDays })}
      </Table.Cell>
      <Table.Cell data-label={t('unread.next')}>
        {item.decisionAsked ? (
          <span className="under">
            <Tag data-size="sm" data-color="warning">
              {t('unread.asked')}
            </Tag>
          </span>
        ) : null}
        {isNotUploaded(file?.status) ? t('next.upload') : t('sent.nextAt', { what: nextText(item, t), at: moment(item.nextStepAt) })}
        {item.bytesUntil ? (
          <span className="under">
            <Tag data-size="sm" data-color="warning">
              {t(item.kind === 'file' ? 'unread.fileGoes' : 'unread.attachmentsGo', { at: day(item.bytesUntil) })}
            </Tag>
          </span>
        ) : null}
      </Table.Cell>
    </Table.Row>
  );
}

/** What a line says of what was sent. */
function titleFor({ kind, confidential }: UnreadItem, { sent, file }: Pick<LineProps, 'sent' | 'file'>, t: Say): string {
  if (confidential) return t('unread.confidential');
  return plainly(kind === 'file' ? (file?.fileName ?? t('unread.file')) : (sent?.title ?? ''), 100);
}

/** What happens next, and toward whom. Where nobody can open, those who can open are nobody to be told: then it is looked whether somebody can. */
function nextText({ nextStep, nextStepWho, decisionAsked, class: reach }: UnreadItem, t: Say): string {
  const tellsNobody = nextStepWho === 'openers' && (reach === 'UNREACHABLE' || reach === 'GRANTABLE');
  if (decisionAsked && nextStep === 'await-decision') return t('next.askedAgain');
  if (nextStepWho && !tellsNobody) return stepText({ who: nextStepWho, name: nextStep }, t);
  return nextStep === 'publish' ? t('next.publish') : t('next.look');
}

/** Where the list of what was sent says nothing of it: sent, laid in the inbox, opened. */
function stillUnread({ publishedAt, openedAt, cause }: UnreadItem): Way {
  return { notches: 3, cut: openedAt ? 3 : publishedAt ? 2 : 1, settled: false, isOnItsWay: isCalm(cause) };
}
