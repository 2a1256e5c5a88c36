import { useState } from 'react';
import type { OneItem } from '../api/inbox.ts';
import { type Letter, useBody, useWordings } from '../api/letter.ts';
import { useText } from '../ui/language.ts';

/** What a letter says in the language that it is shown in. */
export interface Words {
  readonly language: string;
  readonly title: string;
  /** Undefined until it is open. */
  readonly body: string | undefined;
  /** Those that its reader can choose among; none where there is no choice. */
  readonly languages: readonly string[];
  readonly choose: (language: string) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly again: () => void;
}

/** Opens the letter: in the language of the app where it is written in it too, else in the one that it was sent in. */
export function useWords({ id, translatedTo }: OneItem, { content }: Letter): Words {
  const { language: spoken } = useText();
  const [chosen, choose] = useState<string>();
  const isTranslated = translatedTo.length > 0;
  const body = useBody(id, !isTranslated);
  const wordings = useWordings(id, isTranslated);
  const all = wordings.data ?? [];
  const shown = all.find(({ language }) => language === (chosen ?? spoken)) ?? all[0];
  const { isPending, error, refetch } = isTranslated ? wordings : body;
  return {
    language: shown?.language ?? content.language,
    title: shown?.messageTitle ?? content.messageTitle,
    body: shown?.messageBody ?? body.data,
    languages: all.map(({ language }) => language),
    choose,
    isPending,
    error,
    again: () => void refetch(),
  };
}
