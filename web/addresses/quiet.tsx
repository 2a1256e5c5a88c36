import { Button, Heading, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type Addresses, type QuietHours, useSetQuietHours } from '../api/addresses.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Refused } from './refused.tsx';

/** When the party wants no notices: they come when the hours end. */
export function Quiet({ party, hours }: { readonly party: Addresses['party']; readonly hours: QuietHours | null }) {
  const { t } = useText();
  const set = useSetQuietHours(party.id);
  const [wish, setWish] = useState<QuietHours>(hours ?? { from: '22:00', to: '07:00' });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    afterwards(set.mutateAsync(wish), () => announce(t('addresses.quietSaved')));
  };
  const takeAway = (): void => afterwards(set.mutateAsync(null), () => announce(t('addresses.quietGone')));
  const now = hours ? t('addresses.quietNow', { from: hours.from, to: hours.to }) : t('addresses.quietNone');
  return (
    <Form className="sheet stack narrow" onSubmit={submit} aria-label={t('addresses.quiet')}>
      <Heading level={2} data-size="sm">
        {t('addresses.quiet')}
      </Heading>
      <p>{now}</p>
      <p className="quiet">
        {party.kind === 'person' ? t('addresses.quietMeaning') : t('addresses.quietMeaningOrganization', { name: plainly(party.name, 80) })}
      </p>
      <div className="row">
        {(['from', 'to'] as const).map((end) => (
          <Textfield
            key={end}
            type="time"
            label={t(`addresses.${end}`)}
            value={wish[end]}
            onChange={(event) => setWish({ ...wish, [end]: event.target.value })}
          />
        ))}
      </div>
      <Refused error={set.error} />
      <div className="row">
        <Button type="submit" loading={set.isPending} disabled={wish.from === '' || wish.to === ''}>
          {t('addresses.quietSave')}
        </Button>
        {hours ? (
          <Button type="button" variant="secondary" onClick={takeAway}>
            {t('addresses.quietTakeAway')}
          </Button>
        ) : null}
      </div>
    </Form>
  );
}
