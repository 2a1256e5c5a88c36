import { Link } from '@tanstack/react-router';
import { useFileServices } from '../api/files.ts';
import { useSender } from '../console/sender.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { FileForm } from './file-form.tsx';

export function NewFilePage() {
  return (
    <SignedIn>
      <NewFile />
    </SignedIn>
  );
}

function NewFile() {
  const { t } = useText();
  const { party, isLoading, error } = useSender();
  const services = useFileServices(party?.id);
  const all = services.data?.services ?? [];
  return (
    <div className="stack narrow">
      <p>
        <Link to="/console/files" search={party ? { party: party.id } : {}}>
          {t('files.toAll')}
        </Link>
      </p>
      <PageTitle title={t('files.new')} />
      {error ? <Trouble error={error} again={() => location.reload()} /> : isLoading || services.isLoading ? <Waiting /> : null}
      {services.error ? <Trouble error={services.error} again={() => void services.refetch()} /> : null}
      {!isLoading && !party ? (
        <Empty title={t('unread.notSender')}>
          <p>{t('unread.notSenderNext')}</p>
        </Empty>
      ) : null}
      {services.data && all.length === 0 ? (
        <Empty title={t('files.noService')}>
          <p>{t('files.noServiceNext')}</p>
        </Empty>
      ) : null}
      {party?.number && all.length > 0 ? (
        <>
          <p>{t('files.newLead', { name: plainly(party.name, 80) })}</p>
          <FileForm key={party.id} party={party.id} number={party.number} services={all} />
        </>
      ) : null}
    </div>
  );
}
