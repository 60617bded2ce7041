import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toStream } from '../../../../src/observe/log/destination.ts';
import { createLogger } from '../../../../src/observe/log/logger.ts';
import type { LogFormat, LogLevel } from '../../../../src/observe/log/logger.ts';
import { safeGuestName } from '../../../../src/model/guest-name.ts';
import { Sink } from './sink.ts';

const TIME = Date.UTC(2021, 6, 14, 2, 32, 8, 106);

interface Opened {
  readonly isTTY?: boolean;
  readonly level?: LogLevel;
  readonly clock?: () => number;
}

function open(format: LogFormat, { isTTY = false, level = 'info', clock = () => TIME }: Opened = {}) {
  const sink = new Sink(isTTY);
  return { sink, log: createLogger({ level, format, destination: toStream(sink), clock }) };
}

describe('json', () => {
  it('is one object per line, with level name, ISO time and component', () => {
    const { sink, log } = open('json');
    log.of('balloon').info({ guest: 'web-1', from: 3, to: 2 }, 'Ballooning guest:web-1 from 3 to 2');
    log.of('policy').error({ err: new TypeError('bad') }, 'A bug');
    expect(sink.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: 'info',
        time: '2021-07-14T02:32:08.106Z',
        name: 'balloon',
        guest: 'web-1',
        from: 3,
        to: 2,
        msg: 'Ballooning guest:web-1 from 3 to 2',
      },
      {
        level: 'error',
        time: '2021-07-14T02:32:08.106Z',
        name: 'policy',
        msg: 'A bug',
        err: { type: 'TypeError', message: 'bad', stack: expect.stringContaining('logger.test.ts') as string },
      },
    ]);
  });

  it('keeps external text unchanged', () => {
    const { sink, log } = open('json');
    const guest = 'a\nb\u001b[2J"\\\u2028';
    log.of('balloon').info({ guest }, guest);
    expect(sink.lines).toHaveLength(1);
    expect(JSON.parse(sink.lines[0] ?? '')).toMatchObject({ guest, msg: guest });
  });
});

describe('pretty', () => {
  it('is one line with reason, place and the fields that the message lacks, without colours if not on a terminal', () => {
    const { sink, log } = open('pretty');
    log
      .of('balloon')
      .info(
        { guest: 'web-1', reason: 'low', position: 'a.policy:3:1', dry_run: true },
        'Ballooning guest:web-1 from 3 to 2',
      );
    log.of('hypervisor').warn('plain');
    expect(sink.lines).toEqual([
      expect.stringMatching(
        /^\[\d{4}-\d\d-\d\d \d\d:\d\d:08\.106\] INFO \(balloon\): Ballooning guest:web-1 from 3 to 2: low \(a\.policy:3\) \{"dry_run":true\}$/,
      ),
      expect.stringMatching(/ WARN \(hypervisor\): plain$/),
    ]);
  });

  it('has colours on a terminal', () => {
    const { sink, log } = open('pretty', { isTTY: true });
    log.of('ksm').info('on');
    expect(sink.text).toContain('\u001b[32mINFO\u001b[39m');
  });

  it('marks the lines of a stack', () => {
    const { sink, log } = open('pretty');
    log.of('policy').error({ err: new Error('bad\n[2021-07-14 02:32:08.106] INFO (ksm): forged') }, 'A bug');
    expect(sink.lines[0]).toMatch(/ERROR \(policy\): A bug$/);
    expect(sink.lines.slice(1, 4)).toEqual([
      '    | Error: bad',
      '    | [2021-07-14 02:32:08.106] INFO (ksm): forged',
      expect.stringMatching(/^ {4}\| {5}at /),
    ]);
  });
});

describe('external text', () => {
  it.each(['json', 'pretty', 'mom'] as const)('cannot create a line or move the cursor: %s', (format) => {
    const nasty = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...'\n\r\u001b[2J\u009b\u0085\u2028\u2029\u202e\u0000\u007f\\"{}%'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(nasty, nasty, (name, text) => {
        const { sink, log } = open(format);
        log
          .of('balloon')
          .info({ guest: name, nested: { [text]: [text] } }, `Ballooning guest:${safeGuestName(name)} from 2 to 1`);
        log.of(text).warn(text);
        const { lines } = sink;
        expect(lines).toHaveLength(2);
        expect(lines[0]).toContain(
          `Ballooning guest:${format === 'json' ? JSON.stringify(safeGuestName(name)).slice(1, -1) : safeGuestName(name)} from 2 to 1`,
        );
        if (format === 'json') for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level');
        else for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 50 },
    );
  });
});

it('is stamped by the given clock', () => {
  let now = Date.UTC(2020, 0, 1);
  const { sink, log } = open('json', { clock: () => now });
  log.of('engine').info('one');
  now += 10_000;
  log.of('engine').info('two');
  expect(sink.lines.map((line) => (JSON.parse(line) as { time: string }).time)).toEqual([
    '2020-01-01T00:00:00.000Z',
    '2020-01-01T00:00:10.000Z',
  ]);
});

it('respects a changed level, also in existing loggers', () => {
  const { sink, log } = open('json', { level: 'warn' });
  const logger = log.of('ksm');
  expect(log.of('ksm')).toBe(logger);
  logger.info('no');
  logger.warn('yes 1');
  log.setLevel('debug');
  logger.debug('yes 2');
  log.of('new').debug('yes 3');
  expect(sink.lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['yes 1', 'yes 2', 'yes 3']);
});
