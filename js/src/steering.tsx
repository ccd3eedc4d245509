import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Model } from "./anywidget";
import { canInterrupt, interruptKernel } from "./interrupt";
import type { ProgressTraits } from "./progress";
import type { ProgressSnapshot } from "./protocol.gen";

type State = ProgressSnapshot["state"];
type Wish = "pause" | "resume" | "stop";

/** Milliseconds after which a button that Python did not take up is said to hang. */
export const PATIENCE = 3000;

/** The states in which a wish has been taken up, or is out of date. */
const HEARD: Record<Wish, readonly State[]> = {
  pause: ["paused", "stopping"],
  resume: ["running", "stopping"],
  stop: ["stopping"],
};

/**
 * The buttons of a run that has not ended. One that can do nothing keeps the focus, and Pause and
 * Resume are one button, so that a reader on the keyboard stays where they are.
 */
export function Steering({ model, state }: { model: Model<ProgressTraits>; state: State }): JSX.Element {
  const [asked, setAsked] = useState<Wish | null>(null);
  const [unheard, setUnheard] = useState(false);
  useEffect(() => {
    setUnheard(false);
    if (asked === null) return;
    if (HEARD[asked].includes(state)) {
      setAsked(null);
      return;
    }
    const timer = setTimeout(() => {
      setUnheard(true);
    }, PATIENCE);
    return () => {
      clearTimeout(timer);
    };
  }, [asked, state]);
  const ask = (wish: Wish): void => {
    setAsked(wish);
    model.send({ type: wish });
  };
  const stopping = asked === "stop" || state === "stopping";
  const toggle = state === "paused" ? "resume" : "pause";
  return (
    <>
      <span class="en-steering">
        <Button
          mark={toggle}
          words={toggle === "pause" ? "Pause" : "Resume"}
          hint={toggle === "pause" ? "Ask nothing new until you resume; calls in flight go on" : "Go on asking"}
          disabled={stopping || (asked !== null && !unheard)}
          onClick={() => {
            ask(toggle);
          }}
        />
        <Button
          mark="stop"
          words={stopping ? "Stopping…" : "Stop"}
          hint="End the run and keep what has been answered"
          disabled={stopping}
          onClick={() => {
            ask("stop");
          }}
        />
      </span>
      {unheard && asked !== null ? <Unheard kernelId={model.get("kernel_id")} wish={asked} /> : null}
    </>
  );
}

function Button(props: {
  mark: Wish;
  words: string;
  hint: string;
  disabled: boolean;
  onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`en-button en-${props.mark === "stop" ? "stop" : "pause"}`}
      aria-label={`${props.words} the run`}
      aria-disabled={props.disabled}
      title={props.hint}
      onClick={() => {
        if (!props.disabled) props.onClick();
      }}
    >
      <span class="en-mark" data-mark={props.mark} aria-hidden="true" />
      {props.words}
    </button>
  );
}

/** What to do when Python is too busy to hear a button: for Stop there is a way out. */
function Unheard({ kernelId, wish }: { kernelId: string; wish: Wish }): JSX.Element {
  return (
    <p class="en-hang" role="alert">
      {wish === "stop" ? (
        <Interrupt kernelId={kernelId} />
      ) : (
        <span>
          Python is busy with a cell and has not heard {wish === "pause" ? "Pause" : "Resume"}. A run begun with
          job.start() leaves the cell free, so its buttons work at any time.
        </span>
      )}
    </p>
  );
}

function Interrupt({ kernelId }: { kernelId: string }): JSX.Element {
  const [tried, setTried] = useState<"no" | "sent" | "refused">("no");
  const possible = canInterrupt(kernelId);
  const interrupt = async (): Promise<void> => {
    setTried((await interruptKernel(kernelId)) ? "sent" : "refused");
  };
  const sentence =
    tried === "sent"
      ? "The kernel has been interrupted."
      : tried === "refused" || !possible
        ? "Python is busy with a cell and has not heard Stop. Use the notebook's own interrupt button (■)."
        : "Python is busy with a cell and has not heard Stop. Interrupting the kernel ends that cell.";
  return (
    <>
      <span>{sentence}</span>
      {possible && tried === "no" ? (
        <button type="button" class="en-button" onClick={() => void interrupt()}>
          Interrupt kernel
        </button>
      ) : null}
    </>
  );
}
