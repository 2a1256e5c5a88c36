import { Heading } from '@digdir/designsystemet-react';
import { useEffect, useRef } from 'react';

let isFirstPage = true;

/**
 * The heading of a page and the title of its window. Focus comes here when one has gone from page to page, so that a
 * screen reader says where one is; not when the page was loaded, where it begins at the top.
 */
export function PageTitle({ title, lang }: { readonly title: string; readonly lang?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Budstikke`;
  }, [title]);
  useEffect(() => {
    if (isFirstPage) {
      isFirstPage = false;
      return;
    }
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  return (
    <Heading level={1} data-size="md" ref={heading} tabIndex={-1} lang={lang} className="wrap" dir="auto">
      {title}
    </Heading>
  );
}
