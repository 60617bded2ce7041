import type { Config } from '../config/model.ts';
import { IntervalLog } from '../observe/interval-log.ts';
import { IntervalRecorder, type RecordedRun } from '../observe/interval-recorder.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import type { IntervalObserver } from '../observe/observer.ts';
import { logRecordingEvent } from '../observe/recording-log.ts';

/** All interval observers of a config. To add one, add a file in `src/observe` and a line here. */
export function observersFor(config: Config, run: RecordedRun, log: LoggerOf): readonly IntervalObserver[] {
  return [new IntervalLog(log), new IntervalRecorder(config, run, (event) => logRecordingEvent(log('record'), event))];
}
