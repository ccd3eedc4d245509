import { useEffect, useRef, useState } from "preact/hooks";

import type { Channel, RowsQuery } from "../channel";
import { copyText } from "../copy";
import { count, counted } from "../words";

export type Form = "csv" | "tsv";

/** How an export goes, in words; `going` while it does. */
export interface ExportState {
  words: string;
  going: boolean;
  bad: boolean;
}

/** Milliseconds for which the outcome is said. */
const SAID = 4000;
/** Spreadsheets take a file for UTF-8 that begins so. */
const MARK = "\ufeff";

/** Brings the rows that are searched and filtered for to the clipboard or into a file, piece by piece. */
export function useExport(
  channel: Channel,
  title: string,
  query: RowsQuery,
  columns: readonly string[],
): { state: ExportState | null; start: (form: Form) => void; cancel: () => void } {
  const [state, setState] = useState<ExportState | null>(null);
  const asked = useRef<number | null>(null);
  useEffect(() => {
    if (state === null || state.going || state.bad) return;
    const timer = setTimeout(() => { setState(null); }, SAID);
    return () => {
      clearTimeout(timer);
    };
  }, [state]);
  const cancel = (): void => {
    if (asked.current !== null) channel.forget(asked.current);
    asked.current = null;
    setState(null);
  };
  const start = (form: Form): void => {
    if (asked.current !== null) channel.forget(asked.current);
    const pieces: string[] = [];
    const finish = async (total: number | null): Promise<void> => {
      asked.current = null;
      const rows = total === null ? "The rows" : counted(total, "rows");
      if (form === "csv") {
        saveFile(`${fileName(title)}.csv`, MARK + pieces.join(""));
        setState({ words: `${rows} written to ${fileName(title)}.csv`, going: false, bad: false });
        return;
      }
      const copied = await copyText(pieces.join(""));
      const words = copied ? `${rows} copied` : "The browser did not let us copy; download the rows instead.";
      setState({ words, going: false, bad: !copied });
    };
    const next = (offset: number): void => {
      asked.current = channel.ask({ type: "export", offset, columns: [...columns], form, ...query }, {
        done: (reply) => {
          pieces.push(reply.text);
          if (reply.next === null) {
            void finish(reply.total);
            return;
          }
          const of = reply.total === null ? "" : ` of ${counted(reply.total, "rows")}`;
          setState({ words: `Fetched ${count(reply.next)}${of}`, going: true, bad: false });
          next(reply.next);
        },
        error: ({ message }) => {
          asked.current = null;
          setState({ words: message, going: false, bad: true });
        },
      });
    };
    setState({ words: "Fetching the rows", going: true, bad: false });
    next(0);
  };
  return { state, start, cancel };
}

function fileName(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "table";
}

function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  // Not at once: some browsers read it a moment later.
  setTimeout(() => { URL.revokeObjectURL(address); }, 10_000);
}
