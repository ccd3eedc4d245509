import { useEffect, useState } from "preact/hooks";

/** Milliseconds between two looks at the clock. */
const TICK = 30_000;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The time, in milliseconds, looked at often enough for minutes. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, TICK);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

/** How long ago a time is, in words; a date where that is long ago, and the text itself where it is no time. */
export function ago(time: string, now: number): string {
  const then = Date.parse(time);
  if (Number.isNaN(then)) return time || "–";
  const seconds = (now - then) / 1000;
  // Clocks differ a little.
  if (Math.abs(seconds) < 45) return "just now";
  if (seconds < 0 || seconds >= 14 * DAY) return new Date(then).toLocaleDateString("en-GB", { dateStyle: "medium" });
  if (seconds < HOUR) return `${Math.max(1, Math.floor(seconds / MINUTE))} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  const days = Math.floor(seconds / DAY);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

/** A time in full, by the reader's clock. */
export function inFull(time: string): string {
  const then = Date.parse(time);
  return Number.isNaN(then) ? time : new Date(then).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });
}
