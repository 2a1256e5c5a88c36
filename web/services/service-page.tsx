import { Heading } from '@digdir/designsystemet-react';
import { Link, useParams } from '@tanstack/react-router';
import { type OwnService, useOwnServices } from '../api/services.ts';
import { useSender } from '../console/sender.ts';
import { useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { LadderSection } from './ladder-section.tsx';
import { NoticePreview } from './notice-preview.tsx';
import { useReaderWords } from './reader-words.ts';

export function ServicePage() {
  const { id } = useParams({ from: '/console/services/$id' });
  return (
    <SignedIn>
      <OneService key={id} id={id} />
    </SignedIn>
  );
}

/** A service: what holds on it, which ladder is climbed and on which days, and what those who are told read. */
function OneService({ id }: { readonly id: string }) {
  const { t, language } = useText();
  const { party, isLoading, error } = useSender();
  const services = useOwnServices(party?.id);
  const service = services.data?.services.find((each) => each.id === id);
  return (
    <div className="stack">
      <p>
        <Link to="/console/services" search={party ? { party: party.id } : {}}>
          {t('services.toAll')}
        </Link>
      </p>
      <PageTitle title={service ? plainly(service.title[language], 120) : t('services.one')} />
      {error ? <Trouble error={error} again={() => location.reload()} /> : isLoading || services.isLoading ? <Waiting /> : null}
      {services.error ? <Trouble error={services.error} again={() => void services.refetch()} /> : null}
      {(!isLoading && !party) || (services.data && !service) ? (
        <Empty title={t('services.notYours')}>
          <p>{t('services.notYoursNext')}</p>
        </Empty>
      ) : null}
      {service && party ? (
        <>
          <Facts service={service} />
          {service.carries === 'nothing' ? (
            <p>{t('services.carriesNothing')}</p>
          ) : (
            <>
              <LadderSection key={party.id} party={party.id} service={service} />
              <section className="sheet stack" aria-labelledby="notices">
                <Heading level={2} data-size="xs" id="notices">
                  {t('notice.title')}
                </Heading>
                <p className="narrow">{t('notice.lead')}</p>
                <NoticePreview party={party.id} service={service.id} choosesStep />
              </section>
            </>
          )}
        </>
      ) : null}
    </div>
  );
}

function Facts({ service }: { readonly service: OwnService }) {
  const { t } = useText();
  const size = useSize();
  const readers = useReaderWords();
  const { carries, confidential, unreachable, fallback, minLevel, files } = service;
  const days = (seconds: number): string =>
    seconds % 86_400 === 0 ? t('services.days', { count: seconds / 86_400 }) : t('services.hours', { count: Math.round(seconds / 3600) });
  return (
    <dl className="facts">
      <dt>{t('services.column.carries')}</dt>
      <dd>
        {t(`services.carries.${carries}`)}
        {confidential ? ` (${t('mark.confidential').toLowerCase()})` : ''}
      </dd>
      <dt>{t('services.column.readers')}</dt>
      <dd>{readers(service.readers)}</dd>
      <dt>{t('services.level')}</dt>
      <dd>{minLevel === 0 ? t('services.levelAny') : t('services.levelLeast', { level: minLevel })}</dd>
      {carries === 'nothing' ? null : (
        <>
          <dt>{t('services.column.unreachable')}</dt>
          <dd>
            {t(`services.unreachable.${unreachable}`)}.{' '}
            {t(`services.means.${unreachable}`, { name: plainly(fallback?.name ?? t('services.someone'), 80) })}
          </dd>
        </>
      )}
      {files ? (
        <>
          <dt>{t('services.mostBytes')}</dt>
          <dd>{files.mostBytes === null ? t('services.mostBytesAny') : size(files.mostBytes)}</dd>
          <dt>{t('services.timeToLive')}</dt>
          <dd>{days(files.timeToLiveSeconds)}</dd>
          <dt>{t('services.afterConfirmed')}</dt>
          <dd>{files.purgeAfterAllConfirmed ? t('services.purged', { time: days(files.graceSeconds) }) : t('services.notPurged')}</dd>
        </>
      ) : null}
      <dt>{t('services.id')}</dt>
      <dd>
        <code>{service.id}</code>
      </dd>
    </dl>
  );
}
