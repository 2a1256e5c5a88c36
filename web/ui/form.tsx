import { type ComponentProps, type FormEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { useText } from './language.ts';

/** Of so many fields one sees what is wrong without being told. */
const fewFields = 2;

interface Wrong {
  readonly field: HTMLElement;
  readonly label: string;
  readonly message: string;
}

/**
 * The one way in which forms say what is wrong: pressing the button takes the focus to the first field that is, and where there are
 * many a list of links stands first. Which those are is read from the fields themselves: they are marked `aria-invalid` and have a
 * message of their own, as those of the design system are with `error`.
 */
export function Form({ onSubmit, children, ...rest }: Omit<ComponentProps<'form'>, 'noValidate' | 'ref'>) {
  const { t } = useText();
  const title = useId();
  const form = useRef<HTMLFormElement>(null);
  const [tries, setTries] = useState(0);
  const [wrong, setWrong] = useState<readonly Wrong[]>([]);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    onSubmit?.(event as Parameters<NonNullable<typeof onSubmit>>[0]);
    setTries((before) => before + 1);
  };
  useLayoutEffect(() => {
    if (tries > 0) wrongIn(form.current!)[0]?.field.focus();
  }, [tries]);
  // After each change of the fields: what has been put right is no longer listed.
  useLayoutEffect(() => {
    if (tries === 0) return;
    const now = isLong(form.current!) ? wrongIn(form.current!) : [];
    setWrong((before) => (isSame(before, now) ? before : now));
  });
  const isListed = wrong.length > 0;
  // The list that has just come pushes down the field that has the focus.
  useLayoutEffect(() => {
    if (isListed && form.current!.contains(document.activeElement)) document.activeElement!.scrollIntoView({ block: 'center' });
  }, [isListed]);
  return (
    <form {...rest} ref={form} onSubmit={submit} noValidate>
      {isListed ? (
        <section className="ds-error-summary" aria-labelledby={title}>
          <h2 id={title} className="ds-heading" data-size="2xs">
            {t('form.wrong', { count: wrong.length })}
          </h2>
          <ul>
            {wrong.map(({ field, label, message }) => (
              <li key={`${label} ${message}`}>
                <a
                  href={`#${field.id}`}
                  onClick={(event) => {
                    event.preventDefault();
                    field.focus();
                  }}
                >
                  {label ? `${label}: ${message}` : message}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {children}
    </form>
  );
}

function wrongIn(form: HTMLFormElement): Wrong[] {
  return [...form.querySelectorAll<HTMLInputElement>('[aria-invalid="true"]')].map((field) => ({
    field,
    label: nameOf(field),
    message: messageOf(field),
  }));
}

/** Of several choices the question is the name, not the first answer. */
function nameOf(field: HTMLInputElement): string {
  const legend = field.type === 'radio' ? field.closest('fieldset')?.querySelector('legend') : null;
  return (legend ?? field.labels?.[0])?.textContent?.trim() ?? '';
}

function messageOf(field: HTMLInputElement): string {
  const around = field.type === 'radio' ? field.closest('fieldset') : field.closest('.ds-field');
  return around?.querySelector('[data-field="validation"], .ds-validation-message')?.textContent?.trim() ?? '';
}

function isLong(form: HTMLFormElement): boolean {
  const fields = [...form.elements].filter(
    (each) => each instanceof HTMLInputElement || each instanceof HTMLSelectElement || each instanceof HTMLTextAreaElement,
  );
  return (
    new Set(fields.map((each, index) => (each instanceof HTMLInputElement && each.type === 'radio' ? each.name : index))).size > fewFields
  );
}

function isSame(one: readonly Wrong[], other: readonly Wrong[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ field, message }, index) => field === other[index]!.field && message === other[index]!.message)
  );
}
