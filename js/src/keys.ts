/**
 * Keep keys typed in a widget from the notebook, whose shortcuts would delete or insert cells.
 * Escape and combinations with Ctrl or Cmd go through. Returns what ends it.
 */
export function guardKeys(root: HTMLElement): () => void {
  const stop = (event: KeyboardEvent): void => {
    if (event.key === "Escape" || event.ctrlKey || event.metaKey) return;
    event.stopPropagation();
  };
  root.addEventListener("keydown", stop);
  return () => {
    root.removeEventListener("keydown", stop);
  };
}
