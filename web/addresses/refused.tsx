import { Refusal } from '../api/ask.ts';
import { useText } from '../ui/language.ts';
import { Trouble } from '../ui/states.tsx';

const known = [9682, 9684, 9685, 9686, 9687, 9689, 9690, 9692] as const;

/** Why it was refused, where that is something people can put right. */
export function Refused({ error }: { readonly error: unknown }) {
  const { t } = useText();
  if (!error) return null;
  const code = error instanceof Refusal ? known.find((each) => each === error.code) : undefined;
  return code === undefined ? <Trouble error={error} /> : <p role="alert">{t(`addresses.refused-${code}`)}</p>;
}
