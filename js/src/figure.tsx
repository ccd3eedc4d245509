import type { JSX } from "preact";

/** One number with its label, in a `dl.en-numbers`. `kind` gives the colour it has in a bar. */
export function Figure(props: {
  label: string;
  value: string;
  aside?: string;
  kind?: string;
  bad?: boolean;
}): JSX.Element {
  return (
    <div class={props.bad ? "en-figure en-bad" : "en-figure"}>
      <dt>
        {props.kind ? <span class="en-key" data-kind={props.kind} aria-hidden="true" /> : null}
        {props.label}
      </dt>
      <dd>
        {props.value}
        {props.aside ? <span class="en-dim">{` ${props.aside}`}</span> : null}
      </dd>
    </div>
  );
}
