import { Link } from '@tanstack/react-router';
import { Refusal } from '../api/ask.ts';
import { type Absence, useAbsence } from '../api/inbox.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { isNoRight, Trouble, Waiting } from '../ui/states.tsx';

interface Props {
  readonly id: string;
  readonly error: Refusal;
  readonly again: () => void;
}

/** There is no such line for this reader. Who acts for the receiver is told why, and what to do. */
export function Absent({ id, error, again }: Props) {
  const { t } = useText();
  const absence = useAbsence(id, true, again);
  if (absence.isPending) return <Waiting />;
  if (absence.data) return <Said absence={absence.data} />;
  if (!(absence.error instanceof Refusal) || absence.error.status !== 404) {
    return <Failed error={absence.error} again={() => void absence.refetch()} />;
  }
  return (
    <div className="stack narrow">
      <PageTitle title={t('letter.notShown')} />
      <Trouble error={error} />
      <p>{t('absent.unknown')}</p>
    </div>
  );
}

function Said({ absence: { why, sender, recipient, publishedAt, goneAt, mayGive, ask } }: { readonly absence: Absence }) {
  const { t } = useText();
  const { day, moment } = useDates();
  const name = plainly(recipient.name, 80);
  const from = plainly(sender, 120);
  if (why === 'soon')
    return (
      <div className="stack narrow">
        <PageTitle title={t('absent.isComing')} />
        <Waiting />
      </div>
    );
  if (why !== 'no-right') {
    const when = goneAt ? moment(goneAt) : '';
    return (
      <div className="stack narrow">
        <PageTitle title={t(`absent.${why}`)} />
        <p>{t(`absent.${why}Says`, { sender: from, at: day(publishedAt), when, name })}</p>
        <p>{t(`absent.${why}Next`, { sender: from })}</p>
      </div>
    );
  }
  return (
    <div className="stack narrow">
      <PageTitle title={t('absent.no-right')} />
      <p>{t('absent.from', { sender: from, name, at: day(publishedAt) })}</p>
      {mayGive ? (
        <p>
          {t('absent.mayGive')}{' '}
          <Link to="/access" search={{ party: recipient.id }}>
            {t('letter.lockedWho')}
          </Link>
        </p>
      ) : (
        <p>
          {ask.length > 0 ? t('absent.ask', { names: ask.map((one) => plainly(one, 80)).join(', ') }) : t('absent.askNobody', { name })}
        </p>
      )}
    </div>
  );
}

export function Failed({ error, again }: { readonly error: Error | null; readonly again: () => void }) {
  const { t } = useText();
  return (
    <div className="stack narrow">
      <PageTitle title={isNoRight(error) ? t('state.noRight') : t('letter.notShown')} />
      <Trouble error={error} again={again} />
    </div>
  );
}
