import { useEffect, useMemo, useState } from "preact/hooks";

import type { Line } from "../anywidget";
import { type Answer, Channel } from "../channel";

export type Transcript = Answer<"transcript">;

/** A conversation on its way to the reader. */
export interface Loading {
  /** The last that came; kept while the next one is fetched. */
  shown: Transcript | null;
  busy: boolean;
  /** Whether Python has been silent for longer than `SILENCE`. */
  slow: boolean;
  error: string | null;
  retry: () => void;
  /** All of it as JSON text. */
  json: () => Promise<string>;
}

/** Milliseconds without an answer after which the reader is told. */
export const SILENCE = 6000;

/** Follows a position among conversations; null for none. */
export function useTranscript(line: Line, position: number | null): Loading {
  const channel = useMemo(() => new Channel(line), [line]);
  useEffect(
    () => () => {
      channel.dispose();
    },
    [channel],
  );
  const [shown, setShown] = useState<Transcript | null>(null);
  const [busy, setBusy] = useState(false);
  const [slow, setSlow] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setError(null);
    setSlow(false);
    if (position === null) {
      setShown(null);
      setBusy(false);
      return;
    }
    setBusy(true);
    const timer = setTimeout(() => {
      setSlow(true);
    }, SILENCE);
    const end = (): void => {
      clearTimeout(timer);
      setBusy(false);
      setSlow(false);
    };
    const id = channel.ask({ type: "transcript", position }, {
      done: (reply) => {
        setShown(reply);
        end();
      },
      error: ({ message }) => {
        setError(message);
        end();
      },
    });
    return () => {
      clearTimeout(timer);
      channel.forget(id);
    };
  }, [channel, position, tries]);
  const json = (): Promise<string> =>
    new Promise((resolve, reject) => {
      channel.ask({ type: "transcript_json", position: position ?? 0 }, {
        done: ({ text }) => { resolve(text); },
        error: ({ message }) => { reject(new Error(message)); },
      });
    });
  return { shown, busy, slow, error, retry: () => { setTries(tries + 1); }, json };
}
