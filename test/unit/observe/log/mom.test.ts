import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { toStream } from '../../../../src/observe/log/destination.ts';
import { createLogger } from '../../../../src/observe/log/logger.ts';
import { momLogger } from '../../../../src/observe/log/mom.ts';
import { safeGuestName } from '../../../../src/model/guest-name.ts';
import { Sink } from './sink.ts';

function open(timeMs = new Date(2021, 6, 14, 2, 32, 8, 106).getTime()) {
  const sink = new Sink();
  return {
    sink,
    log: createLogger({ level: 'debug', format: 'mom', destination: toStream(sink), clock: () => timeMs }),
  };
}

describe("MOM's line shape", () => {
  it('matches a balloon line character by character', () => {
    const { sink, log } = open();
    log
      .of('balloon')
      .info(
        { reason: 'host pressure', position: 'a.policy:3:1' },
        'Ballooning guest:one-1217 from 14981844 to 14928458',
      );
    expect(sink.text).toBe(
      '2021-07-14 02:32:08,106 - mom.Controllers.Balloon - INFO - Ballooning guest:one-1217 from 14981844 to 14928458\n',
    );
  });

  it('ends every other line with its reason', () => {
    const { sink, log } = open();
    log.of('ksm').info({ control: 'ksm_run', reason: 'free 12% <= 20%' }, 'KSM run from 0 to 1');
    expect(sink.text).toBe(
      '2021-07-14 02:32:08,106 - mom.Controllers.KSM - INFO - KSM run from 0 to 1: free 12% <= 20%\n',
    );
  });

  it('tells a dry run by the logger, and shifts no word', () => {
    const { sink, log } = open();
    const message = 'Ballooning guest:one-1217 from 14981844 to 14928458';
    log.of('balloon').info({ control: 'balloon_target', dry_run: true }, message);
    log.of('balloon').info({ control: 'balloon_target' }, message);
    const [dry, real] = sink.lines.map((line) => line.split(' '));
    expect(dry![3]).toBe('mom.Controllers.Balloon.DryRun');
    expect(real![3]).toBe('mom.Controllers.Balloon');
    expect(dry!.toSpliced(3, 1)).toEqual(real!.toSpliced(3, 1));
  });

  it("has Python's level names", () => {
    const { sink, log } = open();
    const logger = log.of('ksm');
    logger.debug('1');
    logger.info('2');
    logger.warn('3');
    logger.error('4');
    logger.fatal('5');
    expect(sink.lines.map((line) => line.split(' - ').slice(1).join(' '))).toEqual([
      'mom.Controllers.KSM DEBUG 1',
      'mom.Controllers.KSM INFO 2',
      'mom.Controllers.KSM WARNING 3',
      'mom.Controllers.KSM ERROR 4',
      'mom.Controllers.KSM CRITICAL 5',
    ]);
  });

  it.each([
    ['balloon', 'mom.Controllers.Balloon'],
    ['ksm', 'mom.Controllers.KSM'],
    ['policy', 'mom.Policy'],
    ['daemon', 'mom'],
    [undefined, 'mom'],
    ['record', 'mom.Record'],
    ['my-site.thing', 'mom.MySiteThing'],
    ['x - y', 'mom.XY'],
    ['', 'mom'],
    ['toString', 'mom.ToString'],
  ])('component %s logs as %s', (component, name) => {
    expect(momLogger(component)).toBe(name);
  });

  it("marks the lines of a bug's stack", () => {
    const { sink, log } = open();
    log.of('engine').error({ err: new Error('no\n2021-07-14 02:32:08,106 - mom - INFO - forged') }, 'A bug');
    expect(sink.lines[0]).toMatch(/ - mom\.PolicyEngine - ERROR - A bug$/);
    expect(sink.lines.slice(1).every((line) => line.startsWith('    | '))).toBe(true);
    expect(sink.lines.length).toBeGreaterThan(3);
  });
});

it('lets awk read balloon lines as it reads those of MOM, whatever the guest names', () => {
  const names = [
    'one-1217',
    'a b',
    'x from 1 to 2',
    'line\n2021-07-14 02:32:08,106 - mom - INFO - Ballooning guest:y from 9 to 1',
    '\u001b[2J',
    '\u2028',
    '',
    'tab\there',
    'größe',
  ];
  const { sink, log } = open();
  names.forEach((name, index) => {
    log.of('balloon').info(`Ballooning guest:${safeGuestName(name)} from ${1000 + index} to 500`);
  });

  const awk = spawnSync('awk', ['{print $9,$NF - $(NF-2)}'], { input: sink.text, encoding: 'utf8' });
  expect(awk.error, 'this test needs awk (Debian: mawk)').toBeUndefined();
  expect(awk.stderr).toBe('');
  expect(awk.stdout.split('\n')).toEqual([
    ...names.map((name, index) => `guest:${safeGuestName(name)} ${-500 - index}`),
    '',
  ]);
});
