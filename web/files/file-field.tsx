import { Field, Label, ValidationMessage } from '@digdir/designsystemet-react';
import { type DragEvent, useState } from 'react';
import { useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

interface Props {
  readonly label: string;
  readonly file: File | null;
  readonly problem: string | undefined;
  readonly choose: (file: File) => void;
}

/** A file, chosen by the browser's own field or dropped on it. */
export function FileField({ label, file, problem, choose }: Props) {
  const { t } = useText();
  const size = useSize();
  const [isOver, setIsOver] = useState(false);
  const over = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(true);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setIsOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped) choose(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for those who can; the field below is for everybody
    <div className={isOver ? 'sheet drop drop-over' : 'sheet drop'} onDragOver={over} onDragLeave={() => setIsOver(false)} onDrop={drop}>
      <Field>
        <Label>{label}</Label>
        <Field.Description>{t('file.drop')}</Field.Description>
        <input
          type="file"
          className="ds-input"
          aria-invalid={problem ? true : undefined}
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            if (chosen) choose(chosen);
          }}
        />
        {problem ? <ValidationMessage>{problem}</ValidationMessage> : null}
      </Field>
      {file ? (
        <p className="wrap">
          {t('file.chosen')} <strong>{plainly(file.name, 120)}</strong> ({size(file.size)})
        </p>
      ) : null}
    </div>
  );
}
