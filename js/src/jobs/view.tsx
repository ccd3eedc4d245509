import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Announcement } from "../announce";
import type { Line } from "../anywidget";
import { Channel } from "../channel";
import { Footer, extent } from "../grid/footer";
import { useResting } from "../grid/resting";
import { Waiting } from "../grid/states";
import { Search } from "../grid/toolbar";
import { IconButton } from "../icons";
import { Latest } from "../latest";
import type { JobListState, JobQueryState, JobsReply } from "../protocol.gen";
import { counted } from "../words";
import { type Acting, useActing } from "./acting";
import { useRefreshing } from "./refreshing";
import { JobRows } from "./rows";
import { NoJobs, Trouble, isFailing } from "./states";
import { hostOf, statusWords } from "./words";

const SLOW = "No answer yet. Coop may be slow, or Python busy with a cell; if the kernel was restarted, run the cell of this list again.";

/** Jobs on Coop: search, statuses, pages, what is done to jobs, and what came of it. */
export function JobListView({ line, listing }: { line: Line; listing: JobListState }): JSX.Element {
  const { coop } = listing;
  const [channel, pages] = useJobs(line, listing.query);
  const { query, shown, busy, error } = pages.state;
  const reply = shown?.reply ?? null;
  const failing = reply !== null && isFailing(reply.state) ? { ...reply, state: reply.state } : null;
  // A page that came stays on screen while later ones do not.
  const good = useRef<{ query: JobQueryState; reply: JobsReply } | null>(null);
  if (shown !== null && failing === null) good.current = shown;
  const on = good.current;
  // A look at the same page again is no news, and it comes every few seconds.
  const turning = busy && query !== on?.query;

  const again = (): void => { pages.refresh(); };
  const acting = useActing(channel, line, (action) => { if (action === "cancel") again(); });
  const moving = on?.reply.moving ?? false;
  useEffect(() => {
    if (reply !== null) acting.learn(reply.rows);
  }, [reply]);
  const section = useRef<HTMLElement>(null);
  useRefreshing(moving && error === null, shown, failing !== null, section, again);

  const ask = (change: Partial<JobQueryState>): void => { pages.ask({ ...pages.state.query, page: 1, ...change }); };
  const [search, setSearch] = useState(listing.query.search);
  const find = useResting((text: string) => {
    if (text !== pages.state.query.search) ask({ search: text });
  });
  const onSearch = (text: string): void => {
    setSearch(text);
    find(text);
  };
  const [chosen, choose] = useChosen(line, listing.chosen);
  // An empty page says itself that it is one.
  const at = on === null || on.reply.rows.length === 0 ? null : { query: { offset: (on.query.page - 1) * on.query.page_size }, reply: { ...on.reply, total: null } };

  return (
    <section class="en-jobs" aria-label="Jobs on Coop" ref={section}>
      <div class="en-toolbar">
        <h3>
          Jobs on Coop <span class="en-dim">{hostOf(coop)}{moving ? " · refreshes by itself" : ""}</span>
        </h3>
        <Search label="Search descriptions of jobs" text={search} onText={onSearch} />
        <IconButton icon="refresh" label="Refresh" onClick={again} />
      </div>
      <Statuses
        all={listing.statuses}
        wanted={query.statuses}
        onStatuses={(statuses) => { ask({ statuses }); }}
      />
      <Waiting pages={pages} words={SLOW} />
      {error === null ? null : (
        <p class="en-trouble" role="alert">
          <span>{error}</span>
          <button type="button" class="en-button" onClick={again}>
            Try again
          </button>
        </p>
      )}
      {failing === null ? null : <Trouble coop={coop} {...failing} onAgain={again} />}
      <div class="en-scroll">
        {on === null || on.reply.rows.length === 0 ? null : (
          <JobRows
            coop={coop}
            rows={on.reply.rows}
            busy={turning}
            ascending={query.ascending}
            onSort={() => { ask({ ascending: !query.ascending }); }}
            chosen={chosen}
            onChoose={choose}
            acting={acting}
          />
        )}
        {on === null ? <First busy={busy} host={hostOf(coop)} /> : null}
        {on?.reply.state === "empty" ? (
          <NoJobs
            query={on.query}
            onPage={(page) => { ask({ page }); }}
            onClear={() => { onSearch(""); ask({ search: "", statuses: [] }); }}
          />
        ) : null}
      </div>
      {chosen.size > 0 ? <Chosen chosen={chosen} acting={acting} onClear={() => { choose([...chosen], false); }} /> : null}
      <Footer
        shown={at}
        scan={null}
        limit={query.page_size}
        onOffset={(offset) => { ask({ page: Math.floor(offset / query.page_size) + 1 }); }}
        onLimit={(size) => { ask({ page_size: size, page: Math.floor((at?.query.offset ?? 0) / size) + 1 }); }}
      />
      <Announcement text={turning ? "" : extent(at)} interval={1000} />
      <Announcement text={acting.last} interval={1000} />
    </section>
  );
}

/** A view's channel and its pages of jobs, the first of which is asked for at once. */
function useJobs(line: Line, first: JobQueryState): readonly [Channel, Latest<"jobs">] {
  const [, redraw] = useState(0);
  const made = useMemo(() => {
    const channel = new Channel(line);
    return [channel, new Latest(channel, "jobs", first, () => { redraw((n) => n + 1); })] as const;
    // One per view: the query is where it starts from.
  }, [line]);
  useEffect(() => {
    const [channel, pages] = made;
    pages.ask(pages.state.query);
    return () => {
      pages.dispose();
      channel.dispose();
    };
  }, [made]);
  return made;
}

/** Which jobs are chosen: at once here, and in Python as soon as it hears of it. */
function useChosen(line: Line, known: readonly string[]): readonly [ReadonlySet<string>, (uuids: readonly string[], chosen: boolean) => void] {
  const [mine, setMine] = useState<readonly string[] | null>(null);
  useEffect(() => {
    setMine((before) => (before !== null && before.join() === known.join() ? null : before));
  }, [known]);
  const now = mine ?? known;
  const choose = (uuids: readonly string[], chosen: boolean): void => {
    const others = now.filter((uuid) => !uuids.includes(uuid));
    const next = chosen ? [...others, ...uuids] : others;
    setMine(next);
    line.send({ type: "choose", uuids: next });
  };
  return [new Set(now), choose];
}

/** The statuses to list: none chosen means all. */
function Statuses(props: {
  all: readonly string[];
  wanted: readonly string[];
  onStatuses: (statuses: string[]) => void;
}): JSX.Element {
  const { all, wanted, onStatuses } = props;
  const toggle = (status: string): void => {
    onStatuses(all.filter((one) => wanted.includes(one) !== (one === status)));
  };
  return (
    <div class="en-statuses" role="group" aria-label="Status">
      <button type="button" class="en-toggle" aria-pressed={wanted.length === 0} onClick={() => { onStatuses([]); }}>
        All
      </button>
      {all.map((status) => (
        <button
          key={status}
          type="button"
          class="en-toggle"
          data-status={status}
          aria-pressed={wanted.includes(status)}
          onClick={() => { toggle(status); }}
        >
          {statusWords(status)}
        </button>
      ))}
    </div>
  );
}

/** What stands there until the first answer. */
function First({ busy, host }: { busy: boolean; host: string }): JSX.Element | null {
  return busy ? <p class="en-nothing">Asking {host} for jobs…</p> : null;
}

/** What can be done with all chosen jobs, and what came of it. */
function Chosen({ chosen, acting, onClear }: { chosen: ReadonlySet<string>; acting: Acting; onClear: () => void }): JSX.Element {
  const fetched = (action: "fetch" | "fetch_results"): number =>
    [...chosen].filter((uuid) => acting.of(uuid).get(action)?.done).length;
  const start = (action: "fetch" | "fetch_results"): void => {
    for (const uuid of chosen) acting.start(action, uuid);
  };
  const [jobs, results] = [fetched("fetch"), fetched("fetch_results")];
  const came = [jobs > 0 ? counted(jobs, "jobs") : "", results > 0 ? `results of ${counted(results, "jobs")}` : ""].filter(Boolean);
  return (
    <div class="en-chosen" role="group" aria-label="Chosen jobs">
      <span>
        <strong>{chosen.size} chosen</strong> <span class="en-dim">in .selected</span>
        {came.length > 0 ? <span> · fetched {came.join(", ")}</span> : null}
      </span>
      <button type="button" class="en-button" onClick={() => { start("fetch"); }}>
        Fetch jobs
      </button>
      <button type="button" class="en-button" onClick={() => { start("fetch_results"); }}>
        Fetch results
      </button>
      <button type="button" class="en-button" onClick={onClear}>
        Clear
      </button>
    </div>
  );
}
