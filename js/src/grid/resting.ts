import { useEffect, useRef } from "preact/hooks";

/** Milliseconds after the last key before rows are asked for. */
export const DEBOUNCE = 250;

/** Passes on what was typed, once typing rests. */
export function useResting<Value>(pass: (value: Value) => void): (value: Value) => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(pass);
  latest.current = pass;
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return (value) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      latest.current(value);
    }, DEBOUNCE);
  };
}
