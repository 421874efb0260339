import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { EXIT, TickpathError } from '../core/errors.ts';
import { reportHtml } from '../report/html.ts';
import { readHlog } from '../report/logs.ts';
import { type Fees, JournalSeries, percentileCurve, type ReportData, type TimelinePoints } from '../report/report-data.ts';
import type { RunSummary } from '../report/summary.ts';
import { journalDocument } from './journal-context.ts';

/** What a run folder holds beside `journal/` and `config.yaml`. */
export const RUN_FILES = {
  summary: 'summary.json',
  environment: 'environment.json',
  timeline: 'latency-timeline.json',
  hgrm: 'latency.hgrm',
  hlog: 'latency.hlog',
  report: 'report.html',
} as const;

/** The summary of a finished run; throws `ERR_RUN_MISSING` naming the file when there is none. */
export function readSummary(folder: string): RunSummary {
  return readJson<RunSummary>(folder, RUN_FILES.summary);
}

/** The summary of a run that may have ended before it wrote one. */
export function readSummaryIfAny(folder: string): RunSummary | undefined {
  return existsSync(join(folder, RUN_FILES.summary)) ? readSummary(folder) : undefined;
}

/** Writes `report.html` from the files of the run folder, and from nothing else; returns its path. */
export function writeReport(folder: string, summary: RunSummary): string {
  const path = join(folder, RUN_FILES.report);
  writeFileSync(path, reportHtml(readReportData(folder, summary)));
  return shortPath(path);
}

function readReportData(folder: string, summary: RunSummary): ReportData {
  const { instrument, limits } = journalDocument(join(folder, 'journal')) as ReturnType<typeof journalDocument> & { limits: Fees };
  const journal = new JournalSeries(join(folder, 'journal'), instrument, limits);
  const curves = readHlog(readText(folder, RUN_FILES.hlog)).map(({ stage, histogram }) =>
    percentileCurve(stage.replaceAll('_', '-'), histogram),
  );
  return {
    summary,
    curves: curves.filter((curve) => curve.x.length > 1),
    timeline: readJson<TimelinePoints>(folder, RUN_FILES.timeline),
    series: journal.series,
    fills: journal.fills,
    fillsLeftOut: journal.fillsLeftOut,
  };
}

function readText(folder: string, name: string): string {
  const path = join(folder, name);
  if (!existsSync(path))
    throw new TickpathError('ERR_RUN_MISSING', `${path}: not found; expected the folder of a finished run`, EXIT.USAGE);
  return readFileSync(path, 'utf8');
}

function readJson<T>(folder: string, name: string): T {
  const text = readText(folder, name);
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new TickpathError('ERR_RUN_CORRUPT', `${join(folder, name)}: no JSON document (${(error as Error).message})`, EXIT.DATA);
  }
}

/** Paths below the working folder are shown relative to it. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
