import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/compose/config.ts';
import { EMPTY_MEMORY } from '../../../src/model/memory.ts';
import type { IntervalReport } from '../../../src/model/interval-report.ts';
import { toStream } from '../../../src/observe/log/destination.ts';
import { createLogger } from '../../../src/observe/log/logger.ts';
import type { LogRecord } from '../../../src/observe/log/record.ts';
import type { IntervalObserver } from '../../../src/observe/observer.ts';
import { Observers } from '../../../src/observe/observers.ts';
import { snapshot } from '../../support/builders.ts';

const REPORT: IntervalReport = {
  snapshot: snapshot(0, []),
  input: null,
  judgement: null,
  outcomes: [],
  memoryBefore: EMPTY_MEMORY,
  conditions: () => [],
  overrides: [],
  took: { collectMs: 1, decideMs: 1, applyMs: 1 },
};

function group(...observers: readonly IntervalObserver[]) {
  const lines: LogRecord[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean)) lines.push(JSON.parse(line) as LogRecord);
      done();
    },
  });
  const log = createLogger({ level: 'info', format: 'json', destination: toStream(stream) });
  return { observers: new Observers(observers, log.of('daemon')), lines };
}

/** An observer with all methods, and its calls. */
function recordingObserver() {
  const calls: string[] = [];
  const observer: IntervalObserver = {
    name: 'recording',
    observe: () => void calls.push('observe'),
    reconfigure: () => void calls.push('reconfigure'),
    close: () => void calls.push('close'),
  };
  return { observer, calls };
}

const failures: readonly (readonly [string, IntervalObserver['observe']])[] = [
  [
    'throws',
    () => {
      throw new TypeError('no gauge');
    },
  ],
  ['rejects', () => Promise.reject(new TypeError('no gauge'))],
];

describe('Observers', () => {
  it.each(failures)('still calls the others when one %s, and logs its stack once', async (_how, observe) => {
    const [before, after] = [recordingObserver(), recordingObserver()];
    const { observers, lines } = group(before.observer, { name: 'metrics', observe }, after.observer);
    await observers.observe(REPORT);
    await observers.observe(REPORT);
    expect([before.calls, after.calls]).toEqual([
      ['observe', 'observe'],
      ['observe', 'observe'],
    ]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'error', observer: 'metrics' });
    expect(lines[0]!.msg).toContain('A defect in the observer "metrics"');
    expect(lines[0]!.err?.stack).toContain('observers.test.ts');
  });

  it('passes on a new configuration and the end, whether or not another observer fails', async () => {
    const { observer, calls } = recordingObserver();
    const fail = () => {
      throw new TypeError('no gauge');
    };
    const { observers, lines } = group(
      { name: 'first', observe: fail, reconfigure: fail, close: fail },
      { name: 'second', observe: fail, reconfigure: fail, close: fail },
      { name: 'without a configuration and an end', observe: () => undefined },
      observer,
    );
    await observers.reconfigure(defaultConfig(), 10, []);
    await observers.observe(REPORT);
    await observers.close();
    expect(calls).toEqual(['reconfigure', 'observe', 'close']);
    expect(lines.map(({ observer: name }) => name)).toEqual(['first', 'second']);
  });

  it('waits for all of them, in parallel', async () => {
    const order: string[] = [];
    let finish = () => {};
    const slow: IntervalObserver = {
      name: 'slow',
      observe: () =>
        new Promise((resolve) => {
          finish = () => {
            order.push('slow');
            resolve();
          };
        }),
    };
    const { observers } = group(slow, { name: 'quick', observe: () => void order.push('quick') });
    const observed = observers.observe(REPORT).then(() => order.push('all'));
    expect(order).toEqual(['quick']);
    finish();
    await observed;
    expect(order).toEqual(['quick', 'slow', 'all']);
  });
});
