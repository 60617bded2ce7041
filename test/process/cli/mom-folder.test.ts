import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBallast } from '../../support/ballast.ts';
import { startFakeLibvirtd, type FakeLibvirtd } from '../../support/fake-libvirtd.ts';

// A policy_dir as MOM's users have it: constants, values that a manager sets, and four files that share them. It uses what such files
// use: braces, variables that begin in a branch, setq, functions that read the loop variable of their caller.
const FOLDER = {
  '00-constants.policy': `
(defvar No 0) (defvar Yes 1)
(defvar mergeNodes 1) (defvar ksm 1) (defvar balloons 0) (defvar cpuLimits 1) (defvar diskLimits 1)
`,
  '02-balloons.policy': `
(defvar tight 0.25)
(defvar step 0.05)
(def worth_it (vm wanted) { (if (> (abs (- wanted vm.balloon_cur)) (* 0.01 vm.balloon_cur)) 1 0) })
(def smaller (vm)
{
  (if (< host_share 0.05) (defvar spare 0) (defvar spare (/ host_share 2)))
  (defvar used (- (vm.StatAvg "balloon_cur") (vm.StatAvg "mem_unused")))
  (defvar least (max vm.balloon_min (+ used (* spare vm.balloon_cur))))
  (defvar wanted (* vm.balloon_cur (- 1 step)))
  (if (< wanted least) (set wanted least) 0)
  (if (and (<= wanted vm.balloon_cur) (worth_it vm wanted)) (vm.Control "balloon_target" wanted) 0)
})
(def larger (vm)
{
  (if (< vm.balloon_cur vm.balloon_max) {
    (defvar wanted (* vm.balloon_cur (+ 1 step)))
    (if (> wanted vm.balloon_max) (set wanted vm.balloon_max) 0)
    (if (worth_it vm wanted) (vm.Control "balloon_target" wanted) 0)
  } 0)
})
(defvar host_share (/ (Host.StatAvg "mem_free") Host.mem_available))
(def choose (which) { (if (and (< host_share tight) balloons) (smaller which) (larger which)) })
(with Guests guest
  (if (valid guest.balloon_cur (guest.Stat "mem_unused")) (choose guest) (debug "no figures of" guest)))
(def keep_minimum (nobody)
{
  (if (< guest.balloon_cur guest.balloon_min) (guest.Control "balloon_target" guest.balloon_min) 0)
})
(with Guests guest (keep_minimum guest))
`,
  '03-pages.policy': `
(def pages (by)
{
  (defvar n (+ Host.ksm_pages_to_scan by))
  (if (> n 1000) (set n 1000) 1)
  (if (< n 50) (set n 50) 0)
  (Host.Control "ksm_pages_to_scan" n)
})
(def unmerge_first()
{
  (if (and (> Host.ksm_pages_shared 0) (or (!= Host.ksm_merge_across_nodes mergeNodes) (not ksm)))
    { (debug Host.ksm_pages_shared "pages are shared") 2 }
    0)
})
(if (== Host.ksm_pages_shared 0)
  { (debug "nothing is shared") (Host.Control "ksm_merge_across_nodes" mergeNodes) }
  (debug "pages are shared"))
(defvar first (unmerge_first))
(if (or (> host_share 0.5) (or (not ksm) (!= first 0)))
  (Host.Control "ksm_run" first)
  {
    (Host.Control "ksm_run" 1)
    (Host.Control "ksm_sleep_millisecs" (max 10 (/ 335544320 Host.mem_available)))
    (if (< host_share tight) (pages 300) (pages -50))
  })
`,
  '04-cpus.policy': `
(defvar period 100000)
(def limit (guest)
{
  (defvar quota (/ (* (/ guest.vcpu_user_limit 100.0) (* period Host.cpu_count)) guest.vcpu_count))
  (if (> quota 50000) { (defvar times 1) } { (defvar times 4) })
  (setq quota (* times quota))
  (defvar longer (* times period))
  (if (!= guest.vcpu_quota quota) (guest.Control "vcpu_quota" quota) 0)
  (if (!= guest.vcpu_period longer) (guest.Control "vcpu_period" longer) 0)
})
(def unlimit (guest) { (guest.Control "vcpu_quota" -1) (guest.Control "vcpu_period" period) })
(if (== Yes cpuLimits)
  { (with Guests guest (if (< guest.vcpu_user_limit 100.0) (limit guest) (unlimit guest))) }
  { (with Guests guest (unlimit guest)) })
`,
  '05-disks.policy': `
(def limit_disks (guest) { (with guest.io_tune disk {
  (defvar most disk.maximum)
  (disk.setTotalIopsSec most.total_iops_sec)
  (disk.setReadBytesSec most.read_bytes_sec)
}) })
(def free_disks (guest) { (with guest.io_tune disk { (disk.setTotalIopsSec 0) (disk.setReadBytesSec 0) }) })
(if (== Yes diskLimits)
  { (with Guests guest (if (valid guest.io_tune) (limit_disks guest) 0)) }
  { (with Guests guest (if (valid guest.io_tune) (free_disks guest) 0)) })
`,
};

const GIB = 1024 ** 2;
const qos = (limit: string, maximum = '') => `<t:qos xmlns:t="http://ovirt.org/vm/tune/1.0">${limit}${maximum}</t:qos>`;
const GUESTS = [
  {
    ...{ name: 'paying', maximumKib: 4 * GIB, usedKib: GIB },
    metadata: qos(
      '<t:vcpuLimit>50</t:vcpuLimit>',
      '<t:ioTune><t:device name="vda"><t:maximum><t:total_iops_sec>300</t:total_iops_sec></t:maximum></t:device></t:ioTune>',
    ),
  },
  { name: 'half', maximumKib: 4 * GIB, currentKib: 2 * GIB, usedKib: GIB },
  // Below its minimum.
  { name: 'poor', maximumKib: 4 * GIB, currentKib: 1_992_294, usedKib: GIB / 2, balloonMin: '2GiB' },
  { name: 'slow', maximumKib: GIB, usedKib: GIB / 4, metadata: qos('<t:vcpuLimit>10</t:vcpuLimit>') },
];

let folder: string;
let fake: FakeLibvirtd;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-mom-folder-'));
  await cp(join(import.meta.dirname, '../../fixtures/hosts/linux-6.18'), join(folder, 'host'), { recursive: true });
  fake = await startFakeLibvirtd({ socketPath: join(folder, 'libvirt.sock'), guests: GUESTS });
  await mkdir(join(folder, 'mom.d'));
  for (const [name, text] of Object.entries(FOLDER)) await writeFile(join(folder, 'mom.d', name), text);
  const lines = [
    'libvirt: {socket: libvirt.sock}',
    'host_root: host',
    'policy_dir: mom.d',
    'collectors: [default, guest-cpu-tune, guest-io-tune]',
    'controllers: [balloon, ksm, cpu-tune, io-tune]',
    'runtime_dir: run',
    'state_dir: state',
    'log: {format: mom}',
    'record: {path: run.jsonl}',
  ];
  await writeFile(join(folder, 'ballast.yaml'), `${lines.join('\n')}\n`);
});
afterEach(async () => {
  await fake.stop();
  await rm(folder, { recursive: true });
});

/** @param free share of the host's memory */
async function world(free: number, set: string, ksm: Readonly<Record<string, number>>): Promise<void> {
  const [total, kib] = [16 * GIB, Math.round(16 * GIB * free)];
  const meminfo = {
    MemTotal: total,
    MemFree: kib,
    MemAvailable: kib,
    AnonPages: total - kib,
    Buffers: 0,
    Cached: 0,
    SwapTotal: 0,
    SwapFree: 0,
  };
  const text = Object.entries(meminfo).map(([name, value]) => `${name}: ${value} kB\n`);
  await writeFile(join(folder, 'host/proc/meminfo'), text.join(''));
  for (const [name, value] of Object.entries(ksm))
    await writeFile(join(folder, 'host/sys/kernel/mm/ksm', name), `${value}\n`);
  await writeFile(join(folder, 'mom.d/01-set.policy'), set);
}

/** What one evaluation would have changed, without the reasons. */
async function decided(): Promise<readonly string[]> {
  const { code, stderr } = await runBallast(['run', '--once', '--dry-run', '--config', 'ballast.yaml'], {
    cwd: folder,
  });
  expect({ code, errors: stderr.match(/ - ERROR - .*/g) }).toEqual({ code: 0, errors: null });
  return stderr.split('\n').flatMap((line) => /DryRun - INFO - (.* from .*? to [^:]*(?<! ))/.exec(line)?.[1] ?? []);
}

const ON = '(set balloons Yes) (set ksm Yes) (set mergeNodes Yes)';
const IDLE = { run: 0, pages_shared: 0, pages_to_scan: 100, sleep_millisecs: 50, merge_across_nodes: 1 };
const BUSY = { run: 1, pages_shared: 900, pages_to_scan: 900, sleep_millisecs: 20, merge_across_nodes: 1 };
const LIMITS = [
  'CPU limit guest:paying vcpu_quota from -1 to 100000',
  'CPU limit guest:slow vcpu_quota from -1 to 80000',
  'CPU limit guest:slow vcpu_period from 100000 to 400000',
  'Disk limits guest:paying from vda total_iops_sec=0 to vda total_iops_sec=300',
];
const SHRINKS = ['paying from 4194304 to 3984588', 'half from 2097152 to 1992294', 'slow from 1048576 to 996147'];
const RAISE = 'Ballooning guest:poor from 1992294 to 2097152';

describe('a folder of policies as MOM reads it', () => {
  it.each([
    ['much is free', 0.6, ON, IDLE, ['Ballooning guest:half from 2097152 to 2202009', RAISE, ...LIMITS]],
    ['memory is short', 0.1, ON, IDLE, [...SHRINKS.map((text) => `Ballooning guest:${text}`), RAISE, 'KSM sleep_millisecs from 50 to 20', 'KSM pages_to_scan from 100 to 400', 'KSM run from 0 to 1', ...LIMITS]],
    ['KSM scans nearly its most', 0.1, ON, BUSY, [...SHRINKS.map((text) => `Ballooning guest:${text}`), RAISE, 'KSM pages_to_scan from 900 to 1000', ...LIMITS]],
    ['pages are shared that may not be', 0.4, '(set mergeNodes No)', BUSY, ['Ballooning guest:half from 2097152 to 2202009', RAISE, 'KSM run from 1 to 2', ...LIMITS]],
    ['nothing is shared yet', 0.4, '(set mergeNodes No) (set cpuLimits No) (set diskLimits No)', IDLE, ['Ballooning guest:half from 2097152 to 2202009', RAISE, 'KSM merge_across_nodes from 1 to 0', 'KSM sleep_millisecs from 50 to 20', 'KSM pages_to_scan from 100 to 50', 'KSM run from 0 to 1']],
    ['neither KSM nor balloons are wanted', 0.1, '(set ksm No)', { ...IDLE, run: 1 }, ['Ballooning guest:half from 2097152 to 2202009', RAISE, 'KSM run from 1 to 0', ...LIMITS]],
  ] as const)('decides as MOM does when %s', async (_, free, set, ksm, wanted) => {
    await world(free, set, ksm);
    expect([...(await decided())].sort()).toEqual([...wanted].sort());
  }); // prettier-ignore

  it('is checked without errors and replays its recording to the same decisions', async () => {
    await world(0.1, ON, IDLE);
    const before = await decided();
    const check = await runBallast(['check', '--config', 'ballast.yaml'], { cwd: folder });
    expect({ code: check.code, errors: /error/.test(check.stdout + check.stderr) }).toEqual({ code: 0, errors: false });
    const args = ['replay', '--config', 'ballast.yaml', '--log-format', 'mom', 'run.jsonl'];
    const { code, stdout } = await runBallast(args, { cwd: folder });
    expect(code).toBe(0);
    for (const line of before) expect(stdout).toContain(line);
  });
});
