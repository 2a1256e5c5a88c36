import { type RefObject, useEffect, useRef, useState } from 'react';

/**
 * Takes the focus to an answer when it has come: who pressed a button by keyboard is told of it, and does not press what stands in the
 * button's place.
 */
export function useFocusOnAnswer<Place extends HTMLElement>(): { readonly place: RefObject<Place | null>; readonly come: () => void } {
  const place = useRef<Place>(null);
  const [hasCome, setCome] = useState(false);
  useEffect(() => {
    if (!hasCome || !place.current) return;
    place.current.focus();
    setCome(false);
  });
  return { place, come: () => setCome(true) };
}
