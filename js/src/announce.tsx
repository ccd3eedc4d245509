import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/**
 * Words for people who listen: a polite live region that changes at most every `interval`
 * milliseconds, and at once when `urgent`, as for the end of a run.
 */
export function Announcement(props: { text: string; interval: number; urgent?: boolean }): JSX.Element {
  const { text, interval, urgent = false } = props;
  const [spoken, setSpoken] = useState("");
  const last = useRef(-Infinity);
  useEffect(() => {
    const speak = (): void => {
      last.current = performance.now();
      setSpoken(text);
    };
    const wait = last.current + interval - performance.now();
    if (urgent || wait <= 0) {
      speak();
      return;
    }
    const timer = setTimeout(speak, wait);
    return () => {
      clearTimeout(timer);
    };
  }, [text, interval, urgent]);
  return (
    <div class="en-unseen" role="status" aria-live="polite">
      {spoken}
    </div>
  );
}
