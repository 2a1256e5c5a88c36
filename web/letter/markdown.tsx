import { useMemo } from 'react';
import { useText } from '../ui/language.ts';
import { safeMarkup } from './safe-markup.ts';

/** What is longer is cut into pieces, so that the browser lays out only those that are seen. */
const pieceLength = 20_000;

/** The body of a letter. What it may hold stands in safe-markup.ts. */
export function Markdown({ text }: { readonly text: string }) {
  const { t } = useText();
  const markup = useMemo(() => safeMarkup(text), [text]);
  if (text.trim() === '') return <p className="quiet">{t('letter.emptyBody')}</p>;
  if (markup !== null) {
    // biome-ignore lint/security/noDangerouslySetInnerHtml: cleaned by safe-markup.ts, and no script runs under our policy
    return <div className="body" dir="auto" dangerouslySetInnerHTML={{ __html: markup }} />;
  }
  return (
    <div className="body" dir="auto">
      <p className="quiet">{t('letter.asWritten')}</p>
      {piecesOf(text).map(({ start, piece }) => (
        <p key={start} className="piece">
          {piece}
        </p>
      ))}
    </div>
  );
}

function piecesOf(text: string): { start: number; piece: string }[] {
  const pieces = [];
  for (let start = 0; start < text.length; start += pieceLength) pieces.push({ start, piece: text.slice(start, start + pieceLength) });
  return pieces;
}
