import { useEffect, useMemo, useState } from "preact/hooks";

import type { Line } from "../anywidget";
import { Channel } from "../channel";
import type { TableState } from "../protocol.gen";
import { Pages } from "./pages";
import { Profiles } from "./profiles";

/** Milliseconds between looks at rows that go on changing, where all of them are looked at. */
const RARELY = 2000;

/** What one view asks Python for. */
export interface Asking {
  channel: Channel;
  pages: Pages;
  profiles: Profiles;
  /** The version of the rows, which changes at most once in two seconds. */
  version: number;
}

/** A view's channel, its pages and its columns' profiles; all is asked for again when rows changed. */
export function useAsking(line: Line, table: TableState): Asking {
  const [, redraw] = useState(0);
  const [channel, pages, profiles] = useMemo(() => {
    const made = new Channel(line);
    const query = { offset: 0, limit: table.page_size, search: "", sort: null, filters: [] };
    const changed = (): void => { redraw((n) => n + 1); };
    return [made, new Pages(made, query, changed), new Profiles(made, changed)] as const;
    // One per view: the page size is where it starts from.
     
  }, [line]);
  useEffect(
    () => () => {
      pages.dispose();
      channel.dispose();
    },
    [channel, pages],
  );
  useEffect(() => {
    pages.refresh();
  }, [pages, table.version]);
  const version = useRarely(table.version);
  useEffect(() => {
    profiles.refresh();
  }, [profiles, version]);
  return { channel, pages, profiles, version };
}

/** A value that follows another one at a pace. */
function useRarely(value: number): number {
  const [seen, setSeen] = useState(value);
  const [resting, setResting] = useState(false);
  useEffect(() => {
    if (resting || seen === value) return;
    setSeen(value);
    setResting(true);
  }, [resting, seen, value]);
  useEffect(() => {
    if (!resting) return;
    const timer = setTimeout(() => { setResting(false); }, RARELY);
    return () => {
      clearTimeout(timer);
    };
  }, [resting]);
  return seen;
}
