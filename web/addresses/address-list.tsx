import { Button, Heading, Tag } from '@digdir/designsystemet-react';
import { type Address, type Addresses, useConfirmAnew, useRemoveAddress } from '../api/addresses.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Empty } from '../ui/states.tsx';
import { Sure } from '../ui/sure.tsx';
import { Refused } from './refused.tsx';

interface Props {
  readonly shown: Addresses;
  readonly asked: (proof: string) => void;
  readonly removed: () => void;
}

/** What stands, each with how old it is and what can be done about it. */
export function AddressList({ shown: { party, addresses }, asked, removed }: Props) {
  const { t } = useText();
  return (
    <section className="stack narrow" aria-label={t('addresses.list')}>
      <Heading level={2} data-size="sm">
        {t('addresses.list')}
      </Heading>
      {addresses.length === 0 ? (
        <Empty title={t('addresses.empty')}>
          <p>{party.kind === 'person' ? t('addresses.emptyPerson') : t('addresses.emptyOrganization')}</p>
        </Empty>
      ) : null}
      <ul className="plain-list stack">
        {addresses.map((address) => (
          <li key={address.id}>
            <OneAddress address={address} asked={asked} removed={removed} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function OneAddress({ address: own, asked, removed }: Omit<Props, 'shown'> & { readonly address: Address }) {
  const { t } = useText();
  const { day } = useDates();
  const confirm = useConfirmAnew();
  const address = plainly(own.address, 80);
  const isKept = own.source !== 'krr';
  const sendCode = (): void =>
    afterwards(confirm.mutateAsync(own.id), (proof) => {
      announce(t('addresses.sent', { address }));
      asked(proof.id);
    });
  return (
    <section className={`sheet stack-tight ${own.stale ? 'must-act' : ''}`} aria-label={address}>
      <p className="wrap">
        <strong>{address}</strong> <span className="quiet">{t(`addresses.${own.channel}`)}</span>{' '}
        {own.stale ? <Tag data-color="warning">{t('addresses.stale')}</Tag> : null}
      </p>
      {own.at ? <p className="wrap">{t('addresses.at', { name: plainly(own.at.name, 80) })}</p> : null}
      {own.at?.resources ? <p>{t('addresses.someServices', { count: own.at.resources.length })}</p> : null}
      <p className="quiet">
        {t(`addresses.source-${own.source}`)}{' '}
        {own.stale
          ? t('addresses.staleSince', { date: day(own.staleAt) })
          : t('addresses.confirmed', { date: day(own.confirmedAt), until: day(own.staleAt) })}
      </p>
      <Refused error={confirm.error} />
      {isKept ? (
        <div className="row">
          <Button variant={own.stale ? 'primary' : 'secondary'} data-size="sm" loading={confirm.isPending} onClick={sendCode}>
            {t('addresses.confirmAnew', { address })}
          </Button>
          <Remove address={own} removed={removed} />
        </div>
      ) : null}
    </section>
  );
}

/** Asks once more: nobody hears of post there afterwards. */
function Remove({ address: own, removed }: { readonly address: Address; readonly removed: () => void }) {
  const { t } = useText();
  const remove = useRemoveAddress();
  const address = plainly(own.address, 80);
  const confirm = async (): Promise<void> => {
    await remove.mutateAsync(own.id);
    announce(t('addresses.removed', { address }));
    removed();
  };
  return (
    <Sure
      variant="tertiary"
      label={t('addresses.remove', { address })}
      yes={t('addresses.yes')}
      no={t('addresses.no')}
      isPending={remove.isPending}
      confirm={confirm}
    >
      <p>{t('addresses.sure', { address })}</p>
      <Refused error={remove.error} />
    </Sure>
  );
}
