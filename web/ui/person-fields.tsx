import { Textfield } from '@digdir/designsystemet-react';
import { useText } from './language.ts';

export interface PersonInput {
  readonly number: string;
  readonly lastName: string;
}

export type PersonProblem = 'number' | 'lastName';

/** What is not yet right about a person that is named by number and last name. */
export function personProblems({ number, lastName }: PersonInput): PersonProblem[] {
  const problems: PersonProblem[] = [];
  if (!/^\d{11}$/.test(number.replace(/\s/g, ''))) problems.push('number');
  if (lastName.trim() === '') problems.push('lastName');
  return problems;
}

interface Props {
  readonly values: PersonInput;
  readonly change: (part: Partial<PersonInput>) => void;
  readonly problems: readonly PersonProblem[];
}

/** A person is named by two things that belong together, so that nobody gives access to a stranger by a slip. */
export function PersonFields({ values, change, problems }: Props) {
  const { t } = useText();
  return (
    <>
      <Textfield
        label={t('person.number')}
        description={t('person.numberHelp')}
        inputMode="numeric"
        autoComplete="off"
        value={values.number}
        error={problems.includes('number') ? t('person.numberWrong') : undefined}
        onChange={(event) => change({ number: event.target.value })}
      />
      <Textfield
        label={t('person.lastName')}
        autoComplete="off"
        value={values.lastName}
        error={problems.includes('lastName') ? t('person.lastNameMissing') : undefined}
        onChange={(event) => change({ lastName: event.target.value })}
      />
    </>
  );
}
