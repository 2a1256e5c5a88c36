import { Heading } from '@digdir/designsystemet-react';
import { useEffect, useRef } from 'react';

let isFirstPage = true;

interface Props {
  readonly title: string;
  readonly lang?: string;
  /** One comes back to a place in the page, which has the focus and is scrolled to. */
  readonly isBack?: boolean;
}

/**
 * The heading of a page and the title of its window. Focus comes here when one has gone from page to page, so that a
 * screen reader says where one is; not when the page was loaded, where it begins at the top.
 */
export function PageTitle({ title, lang, isBack = false }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const comesBack = useRef(isBack);
  useEffect(() => {
    document.title = `${title} – Budstikke`;
  }, [title]);
  useEffect(() => {
    if (isFirstPage) {
      isFirstPage = false;
      return;
    }
    if (comesBack.current) return;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  return (
    <Heading level={1} data-size="md" ref={heading} tabIndex={-1} lang={lang} className="wrap" dir="auto">
      {title}
    </Heading>
  );
}
