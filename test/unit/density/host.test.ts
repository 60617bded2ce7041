import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parsePressure } from '../../../src/host/pressure.ts';
import { hostMeminfo, parseCgroupMemory, stalledSeconds, takenKib } from '../../real-host/density/cgroup-memory.ts';
import { isSwap } from '../../real-host/bed/small-host.ts';
import { countMoves, daemonConfig } from '../../real-host/density/daemon.ts';
import { balloonSizesKib } from '../../real-host/density/sizes.ts';

const STAT = `cache 0
swap 4096
total_cache 31457280
total_rss 1048576000
total_swap 104857600
total_inactive_file 20971520
`;

const GROUP = parseCgroupMemory('1153433600\n', STAT);

it('the memory of a control group is that of the groups below it, too', () => {
  expect(GROUP).toEqual({
    usageKib: 1_126_400,
    cacheKib: 30_720,
    inactiveFileKib: 20_480,
    rssKib: 1_024_000,
    swapKib: 102_400,
  });
  expect(takenKib(GROUP)).toBe(1_126_400 - 20_480 + 102_400);
  expect(() => parseCgroupMemory('1', 'cache 0\n')).toThrow('has no total_cache');
});

it('a host of that memory has what is left of the limit, and what can be dropped', () => {
  expect(hostMeminfo(GROUP, 1_228_800, 2_097_152)).toMatchObject({
    MemTotal: 1_228_800,
    MemFree: 102_400,
    MemAvailable: 122_880,
    Cached: 30_720,
    AnonPages: 1_024_000,
    SwapTotal: 2_097_152,
    SwapFree: 1_994_752,
  });
});

it('a host that uses more than its limit for a moment has nothing free', () => {
  expect(hostMeminfo(GROUP, 1_000_000, 0)).toMatchObject({ MemFree: 0, MemAvailable: 20_480, SwapFree: 0 });
});

it('the pressure file is understood, also with spaces at its end', () => {
  const text =
    'some avg10=1.00 avg60=0.50 avg300=0.10 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n';
  expect(stalledSeconds(text)).toBe(2.5);
  expect(parsePressure('/proc/pressure/memory', text.padEnd(1024))).toEqual(
    parsePressure('/proc/pressure/memory', text),
  );
  expect(() => stalledSeconds('')).toThrow('no total');
});

it('the configuration has the keys that were added, but always the policy and the host of the run', () => {
  const added = { rhythm: { enabled: false }, collect_interval: '2s', policy: { parameters: { low_share: '4%' } } };
  expect(parse(daemonConfig('/p/a.policy', { root: '/root', kib: 3_200_000 }, { ...added, host_root: '/' }))).toEqual({
    collect_interval: '2s',
    policy_interval: '1s',
    log: { format: 'mom' },
    controllers: ['balloon'],
    rhythm: { enabled: false },
    budget: { reserve: '100000KiB' },
    emergency: { below: '50000KiB' },
    host_root: '/root',
    policy: { parameters: { low_share: '4%' }, files: ['/p/a.policy'] },
  });
});

it('moves are the balloon targets in the log', () => {
  expect(
    countMoves([
      '2021-07-14 02:32:08,106 - mom.Controllers.Balloon - INFO - Ballooning guest:one from 14981844 to 14928458',
      '2021-07-14 02:32:08,106 - mom.Controllers.Balloon - WARN - Ballooning guest:one from 1 to 2 failed',
      '2021-07-14 02:32:08,104 - mom.Controllers.KSM - INFO - KSM run from 0 to 1: free 12.1% <= 20%',
    ]),
  ).toBe(1);
});

it('sizes are those of the guests of the test', () => {
  const text = `Domain: 'ballast-test-guest-1'
  balloon.current=524288
  balloon.maximum=786432

Domain: 'other'
  balloon.current=1

Domain: 'ballast-test-guest-2'
  balloon.maximum=786432
`;
  expect(balloonSizesKib(text)).toEqual([524_288]);
});

it('the swap file of a killed run is found among those of the machine', () => {
  const swaps = `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/vdb                                partition\t1024\t0\t-2
/var/my\\040cache/host.swap              file\t\t1024\t0\t-3
`;
  expect(isSwap(swaps, '/var/my cache/host.swap')).toBe(true);
  expect(isSwap(swaps, '/dev/vdb')).toBe(true);
  expect(isSwap(swaps, '/var/my')).toBe(false);
});
