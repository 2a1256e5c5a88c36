import { useEffect, useRef } from 'react';

/** Tells, of what takes a while, that the page was left: nothing more is done in its name. Asked when the work begins. */
export function useLeaving(): () => AbortSignal {
  const controller = useRef(new AbortController());
  useEffect(() => {
    controller.current = new AbortController();
    return () => controller.current.abort();
  }, []);
  return () => controller.current.signal;
}
