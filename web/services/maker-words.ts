import type { Maker } from '../api/services.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** Who wrote or chose a ladder, in the middle of a sentence. */
export function useMakerWords(): (maker: Maker | null) => string {
  const { t } = useText();
  return (maker) => {
    if (maker?.kind === 'person') return maker.name ? plainly(maker.name, 80) : t('ladder.byUnknown');
    if (maker?.client) return t('ladder.byClient', { client: plainly(maker.client, 80) });
    return t('ladder.bySystem');
  };
}
