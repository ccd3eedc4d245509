import type { Model } from "./anywidget";
import { JobListView } from "./jobs/view";
import { useTrait, widget } from "./mount";
import type { JobListState } from "./protocol.gen";
import "./styles/job_list.css";

/** Traits of `edsl_nb.widgets.job_list.JobListWidget`. */
export interface JobListTraits {
  listing: JobListState;
}

function JobList({ model }: { model: Model<JobListTraits> }) {
  return <JobListView line={model} listing={useTrait(model, "listing")} />;
}

export default widget<JobListTraits>(JobList);
