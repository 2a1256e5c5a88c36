import { Button, Field, Heading, Label, Select, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { type Addresses, type Channel, useAddAddress } from '../api/addresses.ts';
import type { Party } from '../api/session.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDraft } from '../ui/draft.ts';
import { Form } from '../ui/form.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Refused } from './refused.tsx';

interface Props {
  readonly party: Addresses['party'];
  /** Whom the person acts for. */
  readonly parties: readonly Party[];
  readonly asked: (proof: string) => void;
}

const empty = { channel: 'email', address: '', at: '' };

/** A code goes to the new address; it counts once the code is typed in. */
export function NewAddress({ party, parties, asked }: Props) {
  const { t } = useText();
  const add = useAddAddress();
  const [draft, change, clear] = useDraft(`address.${party.id}`, empty);
  const [tried, setTried] = useState(false);
  const organizations = party.kind === 'person' ? parties.filter(({ kind }) => kind !== 'person') : [];
  const isMissing = draft.address.trim() === '';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (isMissing) return;
    const { channel, address, at } = draft;
    const wish = { party: party.id, channel: channel as Channel, address: address.trim(), ...(at ? { at } : {}) };
    afterwards(add.mutateAsync(wish), (proof) => {
      clear();
      setTried(false);
      announce(t('addresses.sent', { address: plainly(proof.address, 80) }));
      asked(proof.id);
    });
  };
  return (
    <Form className="sheet stack narrow" onSubmit={submit} aria-label={t('addresses.new')}>
      <Heading level={2} data-size="sm">
        {t('addresses.new')}
      </Heading>
      <Field>
        <Label>{t('addresses.channel')}</Label>
        <Select value={draft.channel} onChange={(event) => change({ channel: event.target.value })}>
          <Select.Option value="email">{t('addresses.email')}</Select.Option>
          <Select.Option value="sms">{t('addresses.sms')}</Select.Option>
        </Select>
      </Field>
      <Textfield
        label={draft.channel === 'sms' ? t('addresses.number') : t('addresses.address')}
        type={draft.channel === 'sms' ? 'tel' : 'email'}
        autoComplete={draft.channel === 'sms' ? 'tel' : 'email'}
        value={draft.address}
        error={tried && isMissing ? t('addresses.missing') : undefined}
        onChange={(event) => change({ address: event.target.value })}
      />
      {organizations.length > 0 ? (
        <Field>
          <Label>{t('addresses.forWhat')}</Label>
          <Field.Description>{t('addresses.forWhatMeaning')}</Field.Description>
          <Select value={draft.at} onChange={(event) => change({ at: event.target.value })}>
            <Select.Option value="">{t('addresses.allPost')}</Select.Option>
            {organizations.map(({ id, name }) => (
              <Select.Option key={id} value={id}>
                {t('addresses.postTo', { name: plainly(name, 80) })}
              </Select.Option>
            ))}
          </Select>
        </Field>
      ) : null}
      <p className="quiet">{t('addresses.newMeaning')}</p>
      <Refused error={add.error} />
      <p>
        <Button type="submit" loading={add.isPending}>
          {t('addresses.send')}
        </Button>
      </p>
    </Form>
  );
}
