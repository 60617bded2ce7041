import type { Config } from '../config/model.ts';
import { IntervalLog } from '../observe/interval-log.ts';
import { IntervalRecorder, type RecordedRun } from '../observe/interval-recorder.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { MetricsObserver } from '../observe/metrics.ts';
import type { IntervalObserver, PolicyText } from '../observe/observer.ts';
import { logRecordingEvent } from '../observe/recording-log.ts';

/** What observers show of the running program. */
export interface Running {
  readonly version: string;
  readonly policies: readonly PolicyText[];
  /** The files of the shadow; empty: there is none. */
  readonly shadow: readonly PolicyText[];
}

/** All interval observers of a config. To add one, add a file in `src/observe` and a line here. */
export function observersFor(
  config: Config,
  run: RecordedRun,
  { version, policies, shadow }: Running,
  log: LoggerOf,
): readonly IntervalObserver[] {
  const layouts = { host: run.hostLayout, guest: run.guestLayout };
  const metrics = new MetricsObserver(
    config,
    { layouts, policies, shadow, build: { version, node: process.version } },
    log('metrics'),
  );
  const recorder = new IntervalRecorder(config, run, (event) => {
    logRecordingEvent(log('record'), event);
    metrics.recordingEvent(event);
  });
  return [new IntervalLog(log), recorder, metrics];
}
