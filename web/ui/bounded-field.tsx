import { Textfield } from '@digdir/designsystemet-react';
import type { ComponentProps, FormEvent } from 'react';
import { useText } from './language.ts';

/** Of one line and of several lines each keeps its own. */
type Without<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;
type Props = Without<ComponentProps<typeof Textfield>, 'value' | 'maxLength'> & { readonly value: string; readonly longest: number };

/**
 * A field that holds so much. Browsers cut what is pasted beyond `maxLength` without a word, and the end of a letter or of a list is gone:
 * here all of it stays, it is said how much is too much, and the form is not sent (`holdsTooMuch`).
 */
export function BoundedField({ longest, error, ...field }: Props) {
  const { t } = useText();
  const over = field.value.length - longest;
  const props = { ...field, error: over > 0 ? t('field.tooLong', { most: longest, over }) : error } as ComponentProps<typeof Textfield>;
  return <Textfield {...props} {...(over > 0 ? { 'data-too-long': true } : {})} />;
}

/** Whether a field of the form holds more than it may; the first that does gets the focus. */
export function holdsTooMuch({ currentTarget }: FormEvent): boolean {
  const field = currentTarget.querySelector<HTMLElement>('[data-too-long]');
  field?.focus();
  return field !== null;
}
