import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Announcement } from "../announce";
import type { Line } from "../anywidget";
import { copyText } from "../copy";
import { Icon, IconButton } from "../icons";
import { count } from "../words";
import { MOST, findAll } from "./finding";
import { type Loading, useTranscript } from "./loading";
import { Pane } from "./pane";

export interface TranscriptViewProps {
  line: Line;
  /** Which conversation. */
  position: number;
  /** Where that is, in words. */
  place: string;
  canPrevious: boolean;
  canNext: boolean;
  onMove: (by: 1 | -1) => void;
  onClose?: () => void;
}

/** A conversation with ways to the next one, to search in it, to compare it with another and to copy it. */
export function TranscriptView(props: TranscriptViewProps): JSX.Element {
  const { line, position, canPrevious, canNext, onMove } = props;
  const first = useTranscript(line, position);
  const others = first.shown?.counterparts ?? [];
  // By name, so that the next conversation is compared with the same agent's.
  const [beside, setBeside] = useState("");
  const other = others.find(({ label }) => label === beside);
  const second = useTranscript(line, other?.position ?? null);
  const panes = other ? [first, second] : [first];
  // Side by side, turns of a number stand beside each other: a heading, the turns, and a way to more of them.
  const rows = 2 + Math.max(...panes.map(({ shown }) => shown?.turns.length ?? 0));

  const [search, setSearch] = useState("");
  const found = useMemo(
    () => findAll(search, panes.map(({ shown }) => shown?.turns ?? [])).map((one, place) => ({ ...one, place })),
    [search, first.shown, other ? second.shown : null],
  );
  const [at, setAt] = useState(0);
  useEffect(() => {
    setAt(0);
  }, [search, first.shown, second.shown]);
  const step = (by: 1 | -1): void => {
    if (found.length > 0) setAt((at + by + found.length) % found.length);
  };

  const move = (by: 1 | -1): void => {
    if (by === 1 ? canNext : canPrevious) onMove(by);
  };
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    // jsdom has no layout and so no scrolling.
    if ("scrollIntoView" in Element.prototype && props.onClose) root.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).matches("input, select")) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      move(event.key === "ArrowRight" ? 1 : -1);
    } else if (event.key === "/") {
      event.preventDefault();
      root.current?.querySelector("input")?.focus();
    }
  };

  return (
    <section class="en-transcript" ref={root} aria-label="Transcript" onKeyDown={onKeyDown}>
      <header>
        <strong>{props.place}</strong>
        <Search text={search} onText={setSearch} onStep={step} />
        {search === "" ? null : (
          <span class="en-hits" role="status">
            {found.length === 0 ? "not found" : `${count(at + 1)} of ${count(found.length)}${found.length === MOST ? "+" : ""}`}
            <IconButton icon="up" label="Previous match (Shift+Enter)" disabled={found.length < 2} onClick={() => { step(-1); }} />
            <IconButton icon="down" label="Next match (Enter)" disabled={found.length < 2} onClick={() => { step(1); }} />
          </span>
        )}
        {others.length > 0 ? (
          <select class="en-compare" aria-label="Compare with" value={other ? beside : ""} onChange={(event) => { setBeside(event.currentTarget.value); }}>
            <option value="">{other ? "No comparison" : "Compare with …"}</option>
            {others.map(({ label, position }) => (
              <option key={position} value={label}>
                {label}
              </option>
            ))}
          </select>
        ) : null}
        <span class="en-ways">
          <CopyJson loading={first} />
          <IconButton icon="previous" label="Previous transcript (left arrow)" disabled={!canPrevious} onClick={() => { move(-1); }} />
          <IconButton icon="next" label="Next transcript (right arrow)" disabled={!canNext} onClick={() => { move(1); }} />
          {props.onClose ? <IconButton icon="close" label="Close (Escape)" onClick={props.onClose} /> : null}
        </span>
      </header>
      <div class="en-panes" data-count={panes.length} style={{ "--en-rows": rows }}>
        {panes.map((loading, pane) => (
          <Pane key={pane} loading={loading} found={found.filter((one) => one.pane === pane)} current={at} />
        ))}
      </div>
      <Announcement text={first.busy ? "" : (first.shown?.title ?? "")} interval={1000} />
    </section>
  );
}

function Search(props: { text: string; onText: (text: string) => void; onStep: (by: 1 | -1) => void }): JSX.Element {
  const { text, onText, onStep } = props;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") onStep(event.shiftKey ? -1 : 1);
    if (event.key !== "Escape" || text === "") return;
    // Used up here: the notebook would take the focus away.
    event.stopPropagation();
    event.preventDefault();
    onText("");
  };
  return (
    <label class="en-search">
      <Icon name="search" />
      <input
        type="search"
        placeholder="Search"
        aria-label="Search the transcript"
        maxLength={1000}
        value={text}
        onInput={(event) => { onText(event.currentTarget.value); }}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}

/** Milliseconds for which the button says how it went. */
const SAID = 1500;

function CopyJson({ loading }: { loading: Loading }): JSX.Element {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => { setOutcome(null); }, SAID);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);
  const copy = async (): Promise<void> => {
    try {
      setOutcome((await copyText(await loading.json())) ? "copied" : "refused");
    } catch {
      setOutcome("refused");
    }
  };
  const words = outcome === "copied" ? "Copied" : outcome === "refused" ? "It could not be copied" : "Copy as JSON";
  return (
    <IconButton
      icon={outcome === "copied" ? "check" : outcome === "refused" ? "close" : "copy"}
      label={words}
      disabled={loading.shown === null}
      onClick={() => void copy()}
    />
  );
}
