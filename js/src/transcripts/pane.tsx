import type { JSX } from "preact";

import { cellText } from "../words";
import type { Found } from "./finding";
import type { Loading } from "./loading";
import { Turns } from "./turns";

/** One conversation with what is known of it; two of them stand side by side. */
export function Pane(props: { loading: Loading; found: readonly (Found & { place: number })[]; current: number }): JSX.Element {
  const { shown, busy, slow, error, retry } = props.loading;
  const facts = shown?.facts.filter(({ value }) => value !== null) ?? [];
  return (
    <article class="en-pane" aria-label={shown?.title ?? "Transcript"} aria-busy={busy} tabIndex={0}>
      <header>
        {error === null && !slow ? null : (
          <p class={error === null ? "en-remark" : "en-trouble"} role={error === null ? "status" : "alert"}>
            <span>{error ?? "Python has not answered yet. It may be busy with a cell."}</span>
            <button type="button" class="en-button" onClick={retry}>
              Try again
            </button>
          </p>
        )}
        {shown === null ? (
          busy ? <p class="en-nothing">Loading …</p> : null
        ) : (
          <>
            <h4>{shown.title}</h4>
            {facts.length > 0 ? (
              <dl class="en-facts">
                {facts.map(({ name, value }) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{cellText(value, name === "cost" ? "money" : "text")}</dd>
                  </div>
                ))}
              </dl>
            ) : null}
          </>
        )}
      </header>
      {shown === null ? null : (
        <Turns key={shown.position} turns={shown.turns} found={props.found} current={props.current} />
      )}
    </article>
  );
}
