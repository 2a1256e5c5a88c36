import { useText } from '../ui/language.ts';

/** Those that come with the program have words of their own: the id is what systems name them by. */
const known = ['ordinary', 'confidential', 'file-transfer', 'ks-paper', 'cz-data-box', 'de-retrieval', 'it-platform'] as const;

/** `vanlig post (versjon 1)`; without the version where it is not of one. */
export function useLadderName() {
  const { t } = useText();
  return ({ id, version }: { readonly id: string; readonly version?: number }): string => {
    const name = known.find((each) => each === id);
    const full = name ? t(`ladder.name.${name}`) : id;
    return version === undefined ? full : t('ladder.named', { id: full, version });
  };
}
