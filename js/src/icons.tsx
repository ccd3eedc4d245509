import type { JSX } from "preact";

const PATHS = {
  first: "M11.5 3.5 7 8l4.5 4.5M4.5 3.5v9",
  previous: "M10 3.5 5.5 8l4.5 4.5",
  next: "M6 3.5 10.5 8 6 12.5",
  last: "M4.5 3.5 9 8l-4.5 4.5M11.5 3.5v9",
  up: "M3.5 10 8 5.5l4.5 4.5",
  down: "M3.5 6 8 10.5 12.5 6",
  close: "M4 4l8 8M12 4l-8 8",
  search: "M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9ZM10.5 10.5 14 14",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  check: "M3 8.5 6.5 12 13 4.5",
  filter: "M2.5 3.5h11L9.4 8.6v4.2l-2.8-1.4V8.6z",
  download: "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
  refresh: "M13.2 6.2A5.5 5.5 0 1 0 13.5 8.5M13.5 2.5v3.9H9.6",
  out: "M6.5 3.5h-3v9h9v-3M9 3.5h3.5V7M12.5 3.5 7.5 8.5",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing in the text's colour; the button around it carries the words. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="en-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/**
 * A button that shows only a drawing; `label` is its name for readers and its tooltip. While
 * disabled it keeps the focus, so that a reader on the keyboard is not thrown out at the last page.
 */
export function IconButton(props: {
  icon: IconName;
  label: string;
  disabled?: boolean;
  onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="en-button en-square"
      aria-label={props.label}
      title={props.label}
      aria-disabled={props.disabled ?? false}
      onClick={() => {
        if (!props.disabled) props.onClick();
      }}
    >
      <Icon name={props.icon} />
    </button>
  );
}
