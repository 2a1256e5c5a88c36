import { Button, Field, Label, ValidationMessage } from '@digdir/designsystemet-react';
import { type ChangeEvent, useRef } from 'react';
import { useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { fileProblem } from './good-file.ts';

interface Props {
  readonly files: readonly File[];
  readonly choose: (files: readonly File[]) => void;
}

/**
 * Files that go with a letter, each with its size. What is chosen later comes beside what was chosen before; each can be taken out. Of one
 * that cannot go it is said at once which it is, and why.
 */
export function FilesChoice({ files, choose }: Props) {
  const { t } = useText();
  const size = useSize();
  const field = useRef<HTMLInputElement>(null);
  const wrong = files.flatMap((file) => {
    const problem = fileProblem(file);
    return problem ? [{ file, problem }] : [];
  });
  const add = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    const chosen = [...(target.files ?? [])];
    target.value = ''; // the same file can be chosen again when it was taken out
    choose([...files.filter((file) => !chosen.some((each) => isSame(each, file))), ...chosen]);
  };
  return (
    <>
      <Field>
        <Label>{t('write.files')}</Label>
        <input type="file" multiple className="ds-input" ref={field} aria-invalid={wrong.length > 0 ? true : undefined} onChange={add} />
        {wrong.length > 0 ? (
          <ValidationMessage className="wrap">
            {wrong.map(({ file, problem }) => t(`write.fileWrong.${problem}`, { name: plainly(file.name, 60) })).join(' ')}
          </ValidationMessage>
        ) : null}
      </Field>
      {files.length > 0 ? (
        <ul>
          {files.map((file) => (
            <li key={`${file.name} ${file.size}`} className="wrap">
              {plainly(file.name, 120)} ({size(file.size)}){' '}
              <Button
                type="button"
                variant="tertiary"
                data-size="sm"
                onClick={() => {
                  choose(files.filter((each) => each !== file));
                  field.current?.focus();
                }}
              >
                {t('write.fileOut', { name: plainly(file.name, 60) })}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function isSame(one: File, other: File): boolean {
  return one.name === other.name && one.size === other.size;
}
