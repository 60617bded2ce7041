import { describe, expect, it } from 'vitest';
import { migrateKsmtuned } from '../../../src/migrate/ksmtuned.ts';

const lines = (text: string) =>
  migrateKsmtuned('k', text).moved.map(({ line, kind, what }) => `${line} ${kind}: ${what}`);

describe('a ksmtuned.conf', () => {
  it('becomes parameters of ksmtuned.policy, with their units', () => {
    const { parameters, config, policies, moved } = migrateKsmtuned(
      'k',
      '# ours\nKSM_MONITOR_INTERVAL=30 # s\nKSM_NPAGES_MAX=$((25 * 1000))\nKSM_THRES_CONST="4096"\nexport KSM_NPAGES_DECAY=-20\n',
    );
    expect(Object.fromEntries(parameters)).toEqual({
      KSM_MONITOR_INTERVAL: '30s',
      KSM_NPAGES_MAX: '25000pages',
      KSM_THRES_CONST: '4096KiB',
      KSM_NPAGES_DECAY: '-20pages',
    });
    expect(config).toEqual(['collect_interval: 5s', 'policy_interval: 10s', 'controllers: [ksm]']);
    expect(policies).toEqual([{ shipped: 'ksmtuned' }]);
    expect(moved.map(({ line, kind }) => [line, kind])).toEqual([2, 3, 4, 5].map((line) => [line, 'moved']));
  });

  it('may set nothing', () => {
    expect(migrateKsmtuned('k', '# KSM_SLEEP_MSEC=10\n')).toMatchObject({ moved: [], parameters: new Map() });
  });

  it.each([
    [7, 7],
    [60, 10],
    [13, 1],
    [3600, 10],
  ])('is decided so often that its interval of %d s is met: each %d s', (monitor, policy) => {
    expect(migrateKsmtuned('k', `KSM_MONITOR_INTERVAL=${monitor}`).config[1]).toBe(`policy_interval: ${policy}s`);
  });

  it('keeps log file and level', () => {
    expect(migrateKsmtuned('k', "LOGFILE='/var/log/a b: #c'\nDEBUG=1").config.slice(3)).toEqual([
      'log:',
      '  level: debug',
      "  file: '/var/log/a b: #c'",
    ]);
    expect(migrateKsmtuned('k', 'DEBUG=0').config).toHaveLength(3);
  });

  it.each([
    ['KSM_NPAGES_MAX=shmall', '1 lost: not a whole number; set the parameter KSM_NPAGES_MAX in ballast.yaml by hand'],
    ['KSM_THRES_COEF=$(nproc)', '1 lost: not a whole number; set the parameter KSM_THRES_COEF'],
    ['KSM_THRES_COEF=120', '1 lost: the range of the parameter is 0 to 100: it is 100 now'],
    ['KSM_NPAGES_DECAY=50', '1 lost: the range of the parameter is -100000pages to 0pages: it is 0pages now'],
    ['KSM_SLEEP_MIN=5', '1 lost: ksmtuned has no such setting'],
    ['constructor=5', '1 lost: ksmtuned has no such setting'],
    ['[ -f /x ] && . /x', '1 lost: no assignment: what a shell would run is not run here'],
  ])('says what has no equivalent: %s', (text, want) => {
    expect(lines(text)).toEqual([expect.stringContaining(want)]);
  });

  it('is refused with its line if it is no text', () => {
    expect(() => migrateKsmtuned('k', 'A=1\nB=\u0000')).toThrow('k:2: control characters, or not UTF-8');
    expect(() => migrateKsmtuned('k', `A=${'x'.repeat(5000)}`)).toThrow('k:1: longer than 4096 characters');
  });
});
