import type { UsageReport } from '../../accounting/usage-report.ts';
import type { Manifest } from '../../store/manifest.ts';
import type { ReportAggregates } from '../../accounting/run-profile.ts';

/** What a reject code means and what can be done about it. */
export interface RejectAdvice {
  meaning: string;
  advice: string;
}

/** All that the page is made of. */
export interface ReportParts {
  /** Where the run stands, as it was named. */
  directory: string;
  usage: UsageReport;
  manifest: Manifest;
  aggregates: ReportAggregates;
  /** By reject code; a code without any is shown with its count and examples alone. */
  advice: Readonly<Record<string, RejectAdvice>>;
}
