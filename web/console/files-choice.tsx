import { Field, Label } from '@digdir/designsystemet-react';
import { useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

interface Props {
  readonly files: readonly File[];
  readonly choose: (files: readonly File[]) => void;
}

/** Files that go with a letter, each with its size. */
export function FilesChoice({ files, choose }: Props) {
  const { t } = useText();
  const size = useSize();
  return (
    <>
      <Field>
        <Label>{t('write.files')}</Label>
        <input type="file" multiple className="ds-input" onChange={(event) => choose([...(event.target.files ?? [])])} />
      </Field>
      {files.length > 0 ? (
        <ul>
          {files.map((file) => (
            <li key={`${file.name} ${file.size}`} className="wrap">
              {plainly(file.name, 120)} ({size(file.size)})
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}
