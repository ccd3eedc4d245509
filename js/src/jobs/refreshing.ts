import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Milliseconds between two looks at jobs that are under way, and the most while they cannot be had. */
export const EVERY = 5000;
const RARELY = 60_000;

/**
 * Looks at the list again and again while `wanted` and somebody can see it. `answer` changes with
 * every answer, and `failed` says whether it was of no use: then it is asked for less and less often.
 */
export function useRefreshing(
  wanted: boolean,
  answer: unknown,
  failed: boolean,
  element: RefObject<HTMLElement | null>,
  refresh: () => void,
): void {
  const seen = useSeen(element);
  const latest = useRef(refresh);
  latest.current = refresh;
  const failures = useRef(0);
  useEffect(() => {
    failures.current = failed ? failures.current + 1 : 0;
  }, [answer, failed]);
  useEffect(() => {
    if (!wanted || !seen) return;
    const timer = setTimeout(() => { latest.current(); }, Math.min(EVERY * 2 ** failures.current, RARELY));
    return () => {
      clearTimeout(timer);
    };
  }, [wanted, seen, answer]);
}

/** Whether an element is on a page that is looked at, and not scrolled away. */
function useSeen(element: RefObject<HTMLElement | null>): boolean {
  const [front, setFront] = useState(() => !document.hidden);
  const [near, setNear] = useState(true);
  useEffect(() => {
    const look = (): void => { setFront(!document.hidden); };
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  useEffect(() => {
    // jsdom has no layout, and nothing to watch it.
    if (!element.current || !("IntersectionObserver" in globalThis)) return;
    const observer = new IntersectionObserver((entries) => { setNear(entries.at(-1)?.isIntersecting ?? true); });
    observer.observe(element.current);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return front && near;
}
