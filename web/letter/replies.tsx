import { Heading } from '@digdir/designsystemet-react';
import type { Letter } from '../api/letter.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** Where the sender wants answers: links out of here by https only, each with the place that it leads to. */
export function Replies({ options }: { readonly options: Letter['replyOptions'] }) {
  const { t } = useText();
  const safe = options.flatMap(({ linkURL, linkText }) => {
    const place = placeOf(linkURL);
    return place ? [{ href: linkURL, place, text: plainly(linkText || t('reply.answer'), 120) }] : [];
  });
  if (safe.length === 0) return null;
  return (
    <section className="stack-tight" aria-labelledby="replies">
      <Heading level={2} data-size="xs" id="replies">
        {t('reply.title')}
      </Heading>
      <ul className="plain-list stack-tight">
        {safe.map(({ href, place, text }) => (
          <li key={href}>
            <a href={href} target="_blank" rel="noopener noreferrer nofollow">
              {text}
            </a>{' '}
            <span className="quiet">{t('reply.leadsTo', { place })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The host of an address that may be followed; null for every other scheme. */
export function placeOf(address: string): string | null {
  try {
    const { protocol, host } = new URL(address);
    return protocol === 'https:' ? host : null;
  } catch {
    return null;
  }
}
