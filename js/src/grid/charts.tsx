import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Channel, RowsQuery } from "../channel";
import { counted } from "../words";
import { drawn } from "./drawing";

/** Pictures shown at first, and added at a time. */
const STEP = 24;
/** Pixels: the narrowest and the widest picture, the space between two, and around all. */
const NARROWEST = 420;
const WIDEST = 600;
const GAP = 28;
const PADDING = 24;

/** How wide pictures are in a panel: as many side by side as there is room for. */
function pictureWidth(panel: number): number {
  const room = panel - PADDING;
  if (room <= 0) return WIDEST;
  const beside = Math.max(1, Math.floor((room + GAP) / (NARROWEST + GAP)));
  return Math.min(Math.max(Math.floor((room + GAP) / beside) - GAP, 100), WIDEST);
}

type Picture = { svg: string } | { problem: string };

export interface ChartsProps {
  channel: Channel;
  names: readonly string[];
  query: RowsQuery;
  /** Changes when rows did. */
  version: number;
}

/** A picture of each question, of the rows that are searched and filtered for. */
export function Charts({ channel, names, query, version }: ChartsProps): JSX.Element {
  const [by, setBy] = useState("");
  const [most, setMost] = useState(STEP);
  const [groupings, setGroupings] = useState<readonly string[]>([]);
  const [pictures, setPictures] = useState<ReadonlyMap<string, Picture>>(new Map());
  const [asked, setAsked] = useState<string | null>(null);
  const panel = useRef<HTMLDivElement>(null);
  const shown = names.slice(0, most);
  const done = useRef({ key: "", count: 0 });
  const { search, filters } = query;
  const key = JSON.stringify([by, search, filters, version]);

  useEffect(() => {
    // What has been drawn stays when there is only more to draw.
    if (done.current.key !== key) done.current = { key, count: 0 };
    const width = pictureWidth(panel.current?.clientWidth ?? 0);
    let waiting: number | null = null;
    const next = (): void => {
      const name = shown[done.current.count];
      setAsked(name ?? null);
      if (name === undefined) return;
      const put = (picture: Picture): void => {
        done.current.count += 1;
        setPictures((before) => new Map(before).set(name, picture));
        next();
      };
      waiting = channel.ask({ type: "picture", name, by, width, search, sort: null, filters }, {
        done: (reply) => {
          setGroupings(reply.groupings);
          put({ svg: reply.svg });
        },
        error: ({ message }) => {
          put({ problem: message });
        },
      });
    };
    next();
    return () => {
      if (waiting !== null) channel.forget(waiting);
    };
    // `shown` follows from the others.
  }, [channel, key, most]);

  return (
    <div class="en-charts" ref={panel} role="tabpanel" aria-label="Charts" aria-busy={asked !== null}>
      {groupings.length > 0 ? (
        <label class="en-by">
          <span class="en-dim">Split by</span>
          <select value={by} onChange={(event) => { setBy(event.currentTarget.value); }}>
            <option value="">nothing</option>
            {groupings.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <div class="en-pictures">
        {shown.map((name) => (
          <Chart key={name} name={name} picture={pictures.get(name)} stale={asked !== null && shown.indexOf(asked) <= shown.indexOf(name)} />
        ))}
      </div>
      {names.length > most ? (
        <button type="button" class="en-button" onClick={() => { setMost(most + STEP); }}>
          Show {counted(Math.min(STEP, names.length - most), "more")}
        </button>
      ) : null}
    </div>
  );
}

function Chart({ name, picture, stale }: { name: string; picture: Picture | undefined; stale: boolean }): JSX.Element {
  return (
    <figure class={stale && picture ? "en-picture en-stale" : "en-picture"}>
      <figcaption>{name}</figcaption>
      {picture === undefined ? (
        <p class="en-dim">Drawing …</p>
      ) : "svg" in picture ? (
        (drawn(picture.svg) ?? <p class="en-dim">No picture came.</p>)
      ) : (
        <p class="en-dim">{picture.problem}</p>
      )}
    </figure>
  );
}
