import type { JSX } from "preact";

import { cellText, count, counted } from "../words";
import type { Profile } from "./profiles";

interface BarOf {
  label: string;
  count: number;
  empty?: boolean;
}

/** Names told to people who listen; the rest is in the filter. */
const TOLD = 6;

/** A number as an edge of a bin: without the noise of binary fractions. */
export function edge(number: number): string {
  return String(Number(number.toPrecision(6)));
}

/** A value's name in a list of values. */
export function valueName(value: Profile["tallies"][number]["value"]): string {
  const text = cellText(value, "text");
  return text === "" ? (value === null ? "(empty)" : "(empty text)") : text;
}

function barsOf(profile: Profile): BarOf[] {
  const bars: BarOf[] = profile.tallies.map(({ value, count }) => ({ label: valueName(value), count }));
  bars.push(...profile.bins.map(({ low, high, count }) => ({ label: binName(low, high), count })));
  if (bars.length > 0 && profile.empty > 0) bars.push({ label: "(empty)", count: profile.empty, empty: true });
  return bars;
}

/** Whole numbers have bins of one number each, around it. */
function binName(low: number, high: number): string {
  const middle = (low + high) / 2;
  return high - low === 1 && Number.isInteger(middle) ? edge(middle) : `${edge(low)} to ${edge(high)}`;
}

/** Whether bars would say something: values come more than once. */
function telling(profile: Profile): boolean {
  return profile.bins.length > 0 || (profile.tallies.length > 0 && profile.different < profile.filled);
}

/** How a column's values are distributed, in small; in words where bars say nothing. */
export function Bars({ profile, tall }: { profile: Profile; tall?: boolean }): JSX.Element {
  if (!telling(profile)) {
    const words = profile.filled === 0 ? "all empty" : `${count(profile.different)} different`;
    return <span class="en-spark en-dim">{words}</span>;
  }
  const bars = barsOf(profile);
  const highest = Math.max(...bars.map((bar) => bar.count), 1);
  const total = profile.filled + profile.empty;
  const told = bars.slice(0, TOLD).map((bar) => `${bar.label}: ${count(bar.count)}`);
  const more = bars.length > TOLD ? [`and ${counted(bars.length - TOLD, "others")}`] : [];
  return (
    <span class={tall ? "en-spark en-high" : "en-spark"} role="img" aria-label={[...told, ...more].join(", ")}>
      {bars.map((bar) => (
        <span
          key={bar.label}
          data-empty={bar.empty}
          title={`${bar.label}: ${count(bar.count)} (${Math.round((100 * bar.count) / total)} %)`}
        >
          <span style={{ height: `${(100 * bar.count) / highest}%` }} />
        </span>
      ))}
    </span>
  );
}
