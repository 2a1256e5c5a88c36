import { Field, Label, Select, ValidationMessage } from '@digdir/designsystemet-react';
import type { Service } from '../api/send.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

interface Props {
  readonly services: readonly Service[];
  readonly chosen: Service | undefined;
  readonly choose: (id: string) => void;
  readonly isMissing: boolean;
  /** What the organization that writes is called. */
  readonly sender: string;
}

/** On which service a letter is sent: the sender's own, or one of somebody else that lets it. Where there is one only, that it is. */
export function ServiceChoice({ services, chosen, choose, isMissing, sender }: Props) {
  const { t, language } = useText();
  const owners = [...new Set(services.map(({ owner }) => owner?.name ?? null))];
  const option = ({ id, title }: Service) => (
    <Select.Option key={id} value={id}>
      {plainly(title[language], 100)}
    </Select.Option>
  );
  const owner = chosen?.owner ? plainly(chosen.owner.name, 80) : null;
  return (
    <>
      {services.length > 1 ? (
        <Field>
          <Label>{t('write.service')}</Label>
          <Select value={chosen?.id ?? ''} aria-invalid={isMissing ? true : undefined} onChange={(event) => choose(event.target.value)}>
            <Select.Option value="">{t('write.chooseService')}</Select.Option>
            {owners.length === 1
              ? services.map(option)
              : owners.map((name) => (
                  <Select.Optgroup key={name ?? ''} label={name === null ? t('write.ownServices') : plainly(name, 80)}>
                    {services.filter((each) => (each.owner?.name ?? null) === name).map(option)}
                  </Select.Optgroup>
                ))}
          </Select>
          {isMissing ? <ValidationMessage>{t('write.serviceMissing')}</ValidationMessage> : null}
        </Field>
      ) : null}
      {chosen?.confidential ? <p>{t('write.confidential')}</p> : null}
      {owner === null ? null : <p>{t('write.ofOther', { owner, sender: plainly(sender, 80) })}</p>}
    </>
  );
}
