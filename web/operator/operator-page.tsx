import { Heading, Table, Tag } from '@digdir/designsystemet-react';
import { Fragment, type ReactNode } from 'react';
import { type Installation, useInstallation } from '../api/operator.ts';
import { useDates, useSize } from '../ui/dates.ts';
import { locales, useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { Scrolling } from '../ui/scrolling.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Trouble, Waiting } from '../ui/states.tsx';
import { useDuration } from './duration.ts';
import { type Wrong, whatIsWrong } from './what-is-wrong.ts';

export function OperatorPage() {
  return (
    <SignedIn>
      <Standing />
    </SignedIn>
  );
}

/** Is all well, and if not, what is it? Then the numbers. */
function Standing() {
  const { t } = useText();
  const { moment } = useDates();
  const { data, error, refetch, isPending } = useInstallation();
  return (
    <div className="stack">
      <PageTitle title={t('operator.title')} />
      {isPending ? <Waiting /> : null}
      {error && !data ? <Trouble error={error} again={() => void refetch()} /> : null}
      {data ? (
        <>
          <Verdict wrong={whatIsWrong(data)} />
          <p className="quiet">{t('operator.at', { at: moment(data.at) })}</p>
          <Queues queues={data.queues} />
          <Gateways gateways={data.gateways} />
          <Rules installation={data} />
          <Facts installation={data} />
        </>
      ) : null}
    </div>
  );
}

function Verdict({ wrong }: { readonly wrong: readonly Wrong[] }) {
  const { t } = useText();
  const duration = useDuration();
  const size = useSize();
  if (wrong.length === 0) {
    return (
      <div className="sheet settled" role="status">
        <strong>{t('operator.allWell')}</strong>
      </div>
    );
  }
  const say = (one: Wrong): string => {
    if (one.what === 'gateway') return t('operator.wrong.gateway', { channel: t(`operator.channel.${one.channel}`) });
    if (one.what === 'queue') return t('operator.wrong.queue', { name: t(`operator.queue.${one.name}`), time: duration(one.seconds) });
    if (one.what === 'room') return t('operator.wrong.room', { size: size(one.bytes) });
    return t(`operator.wrong.${one.what}`, { count: one.count });
  };
  return (
    <div className="sheet must-act stack-tight" role="status">
      <strong>{t('operator.lookAt')}</strong>
      <ul>
        {wrong.map((one) => (
          <li key={say(one)}>{say(one)}</li>
        ))}
      </ul>
      <p>
        {t('operator.handbook')} <code>docs/operating/alarms.md</code>
      </p>
    </div>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="stack-tight" aria-label={title}>
      <Heading level={2} data-size="xs">
        {title}
      </Heading>
      {children}
    </section>
  );
}

function Queues({ queues }: Pick<Installation, 'queues'>) {
  const { t, language } = useText();
  const duration = useDuration();
  const number = new Intl.NumberFormat(locales[language]);
  return (
    <Section title={t('operator.queues')}>
      <Scrolling label={t('operator.queues')}>
        <Table data-color="neutral" className="cards">
          <Table.Head>
            <Table.Row>
              <Table.HeaderCell scope="col">{t('operator.what')}</Table.HeaderCell>
              <Table.HeaderCell scope="col" className="number">
                {t('operator.waiting')}
              </Table.HeaderCell>
              <Table.HeaderCell scope="col">{t('operator.oldest')}</Table.HeaderCell>
            </Table.Row>
          </Table.Head>
          <Table.Body>
            {queues.map(({ name, waiting, oldestSeconds, late }) => (
              <Table.Row key={name}>
                <Table.HeaderCell scope="row" className="wrap">
                  {t(`operator.queue.${name}`)}
                </Table.HeaderCell>
                <Table.Cell className="number" data-label={t('operator.waiting')}>
                  {number.format(waiting)}
                </Table.Cell>
                <Table.Cell data-label={t('operator.oldest')}>
                  {waiting === 0 ? t('operator.nothing') : duration(oldestSeconds)}{' '}
                  {late ? (
                    <Tag data-size="sm" data-color="warning">
                      {t('operator.late')}
                    </Tag>
                  ) : null}
                </Table.Cell>
              </Table.Row>
            ))}
          </Table.Body>
        </Table>
      </Scrolling>
    </Section>
  );
}

const colors = { idle: 'neutral', working: 'success', failing: 'warning' } as const;

function Gateways({ gateways }: Pick<Installation, 'gateways'>) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <Section title={t('operator.gateways')}>
      <ul className="plain-list stack-tight">
        {gateways.map(({ channel, state, handedOverLastHour, failedLastHour, retried, lastTakenAt }) => (
          <li key={channel} className="sheet stack-tight">
            <p className="row">
              <strong>{t(`operator.channel.${channel}`)}</strong>
              <Tag data-size="sm" data-color={colors[state]}>
                {t(`operator.gateway.${state}`)}
              </Tag>
            </p>
            <p>
              {t('operator.lastHour', { taken: handedOverLastHour, failed: failedLastHour, retried })}{' '}
              {lastTakenAt ? t('operator.lastTaken', { at: moment(lastTakenAt) }) : null}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Rules are named as the log and the handbook name them. */
function Rules({ installation: { invariants, alarms } }: { readonly installation: Installation }) {
  const { t } = useText();
  const { moment } = useDates();
  const broken = invariants.filter(({ holds }) => !holds);
  return (
    <Section title={t('operator.rules')}>
      {broken.length === 0 ? <p>{t('operator.rulesHold', { count: invariants.length })}</p> : null}
      <ul lang="en">
        {broken.map(({ name, violations }) => (
          <li key={name}>
            <strong>{name}</strong> ({violations})
          </li>
        ))}
      </ul>
      {alarms.length > 0 ? (
        <>
          <p>{t('operator.alarms')}</p>
          <ul>
            {alarms.map(({ rule, since }) => (
              <li key={rule}>
                {moment(since)}: <span lang="en">{rule}</span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <details>
        <summary>{t('operator.allRules')}</summary>
        <ul lang="en">
          {invariants.map(({ name }) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      </details>
    </Section>
  );
}

function Facts({ installation }: { readonly installation: Installation }) {
  const { t, language } = useText();
  const { day } = useDates();
  const size = useSize();
  const duration = useDuration();
  const { ladder, storage, statements, version, schema, database, mode } = installation;
  const number = (value: number): string => new Intl.NumberFormat(locales[language], { maximumFractionDigits: 0 }).format(value);
  const facts: [string, string][] = [
    [t('operator.fact.drift'), ladder.late === 0 ? t('operator.onTime') : duration(ladder.driftSeconds)],
    [t('operator.fact.mended'), number(ladder.causesMended)],
    [t('operator.fact.statements'), statements.lastDay ? day(statements.lastDay) : t('operator.none')],
    [t('operator.fact.database'), size(storage.databaseBytes)],
    [t('operator.fact.blobs'), number(storage.blobs)],
    [t('operator.fact.receiving'), number(storage.receiving)],
    [t('operator.fact.free'), storage.freeBytes === null ? t('operator.objectStore') : size(storage.freeBytes)],
    [t('operator.fact.version'), `${version} (${t(`operator.mode.${mode}`)})`],
    [t('operator.fact.schema'), schema],
    [t('operator.fact.postgres'), database],
  ];
  return (
    <Section title={t('operator.facts')}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </Section>
  );
}
