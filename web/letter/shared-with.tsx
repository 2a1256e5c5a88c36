import { Button } from '@digdir/designsystemet-react';
import { useId } from 'react';
import { type Grant, useRestoreAccess, useSharedWith, useTakeAccess } from '../api/access.ts';
import type { OneItem } from '../api/inbox.ts';
import { useSession } from '../api/session.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';

interface Props {
  readonly item: OneItem;
  readonly asked: boolean;
}

/** With whom this one message is shared already, each with the way to end it; for those who may give access, others see nothing here. */
export function SharedWith({ item, asked }: Props) {
  const { t } = useText();
  const title = useId();
  const shared = useSharedWith(item.recipient.id, item.id, asked);
  const own = useSession().data?.person.id;
  const others = (shared.data?.grants ?? []).filter(({ to }) => to !== own);
  if (others.length === 0) return null;
  return (
    <div className="stack-tight">
      <p id={title}>
        <strong>{t('share.with')}</strong>
      </p>
      <ul className="plain-list stack-tight" aria-labelledby={title}>
        {others.map((grant) => (
          <li key={grant.id}>
            <One grant={grant} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function One({ grant }: { readonly grant: Grant }) {
  const { t } = useText();
  const { day } = useDates();
  const [take, restore] = [useTakeAccess(), useRestoreAccess()];
  const name = plainly(grant.toName, 80);
  const since = { name, from: day(grant.createdAt) };
  const stop = (): void =>
    afterwards(take.mutateAsync(grant.id), () =>
      announce(t('share.undone', { name }), { run: () => restore.mutateAsync(grant.id), said: t('share.done', { name }) }),
    );
  return (
    <>
      <span className="row apart">
        <span className="wrap">{grant.until ? t('share.sinceUntil', { ...since, until: day(grant.until) }) : t('share.since', since)}</span>
        <Button variant="secondary" data-size="sm" loading={take.isPending} onClick={stop}>
          {t('share.stop', { name })}
        </Button>
      </span>
      {grant.reason ? <p className="quiet wrap">{t('share.because', { reason: plainly(grant.reason, 1000) })}</p> : null}
      {take.error ? <Trouble error={take.error} /> : null}
    </>
  );
}
