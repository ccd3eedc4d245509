/** A place where the searched text was found: in which pane, which turn, and from where to where. */
export interface Found {
  pane: number;
  turn: number;
  from: number;
  to: number;
}

/** Places that are shown; beyond, a search says little. */
export const MOST = 1000;

/** Every place of a text in turns, without regard to case. */
export function findAll(text: string, panes: readonly (readonly { text: string }[])[]): Found[] {
  if (text === "") return [];
  const pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "gi");
  const found: Found[] = [];
  for (const [pane, turns] of panes.entries()) {
    for (const [turn, said] of turns.entries()) {
      for (const match of said.text.matchAll(pattern)) {
        if (found.length === MOST) return found;
        found.push({ pane, turn, from: match.index, to: match.index + match[0].length });
      }
    }
  }
  return found;
}

/** A text in pieces, of which some are found; `place` is the number of the find. */
export function pieces(text: string, found: readonly (Found & { place: number })[]): { text: string; place: number | null }[] {
  const parts: { text: string; place: number | null }[] = [];
  let at = 0;
  for (const { from, to, place } of found) {
    if (from > at) parts.push({ text: text.slice(at, from), place: null });
    parts.push({ text: text.slice(from, to), place });
    at = to;
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at), place: null });
  return parts;
}
