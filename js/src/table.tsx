import type { Model } from "./anywidget";
import { TableView } from "./grid/view";
import { useTrait, widget } from "./mount";
import type { TableState } from "./protocol.gen";
import "./styles/table.css";

/** Traits of `edsl_nb.widgets.table.TableWidget`. */
export interface TableTraits {
  table: TableState;
}

function Table({ model }: { model: Model<TableTraits> }) {
  return <TableView line={model} table={useTrait(model, "table")} />;
}

export default widget<TableTraits>(Table);
