// Made-up data for the demonstration page, as Python would send it, by widget and by case.
import { jobListCases } from "./job_lists";
import { jobCases } from "./jobs";
import type { Cases } from "./playing";
import { progressCases } from "./runs";
import { benchmarkCases, transcriptCases } from "./samples";
import { tableCases } from "./tables";

export const cases: Readonly<Record<string, Cases<object>>> = {
  table: tableCases,
  progress: progressCases,
  job: jobCases,
  job_list: jobListCases,
  transcript: transcriptCases,
  benchmark: benchmarkCases,
};
