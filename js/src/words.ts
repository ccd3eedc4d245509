// How numbers and times are written. The Python half is edsl_nb/widgets/words.py; both write alike.

import type { Cell, TableColumn } from "./protocol.gen";

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

// Moves 0.0003725, which binary numbers hold a little too small, over the edge: half goes up.
const HALF_UP = 1 + 1e-12;

/** A whole number with separators. */
export function count(number: number): string {
  return WHOLE.format(number);
}

/** A number with its plural noun in the fitting number: "1 row", "2 rows". */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${number === 1 ? singular(noun) : noun}`;
}

/** A plural noun in the singular. */
export function singular(noun: string): string {
  return noun.replace(/s$/, "");
}

/** A share in whole percent. */
export function percent(part: number, of: number): string {
  return `${of === 0 ? 0 : Math.round((100 * part) / of)} %`;
}

/** USD with as many digits as the amount needs. */
export function money(usd: number | null): string {
  if (usd === null) return "unknown";
  if (usd === 0) return "$0";
  const digits = usd >= 1 ? 2 : usd >= 0.01 ? 4 : 6;
  const text = (usd * HALF_UP).toFixed(digits);
  if (digits === 2) return `$${Number(text).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;
  const [whole = "0", fraction = ""] = text.replace(/0+$/, "").split(".");
  return `$${whole}.${fraction.padEnd(2, "0")}`;
}

/** Seconds in words of at most two units; whole seconds, so that a clock ticks evenly. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/** A rate with two digits where it is small. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? count(perSecond) : perSecond.toFixed(perSecond >= 10 ? 1 : 2);
}

/** A large number in short: 12,345 or 1.23 M. */
export function short(number: number): string {
  return number >= 1e6 ? `${(number / 1e6).toFixed(2)} M` : count(number);
}

/** The first letter made large. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A table cell as text; null is an empty text. */
export function cellText(cell: Cell, kind: TableColumn["kind"]): string {
  if (cell === null) return "";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "number") return kind === "money" ? money(cell) : String(cell);
  return cell;
}
