import { describe, expect, it } from 'vitest';
import { migrateMom } from '../../../src/migrate/mom.ts';

const none = () => [];
const migrate = (text: string, filesIn: (directory: string) => readonly string[] = none) =>
  migrateMom('m', text, filesIn);
const verdict = (text: string) => {
  const { kind, what } = migrate(text).moved[0]!;
  return `${kind}: ${what}`;
};

describe('a momd.conf', () => {
  it('becomes the same intervals, controllers and policies', () => {
    const text = `[main]
main-loop-interval: 5
host-monitor-interval = 20
guest-monitor-interval: 10
policy-engine-interval: 30
sample-history-length: 8
libvirt-hypervisor-uri: qemu:///session
controllers: Balloon, KSM,
   CpuTune
policy: /etc/mom/a.rules
policy-dir: mom.d
plot-dir:
rpc-port: -1
; a comment
[logging]
log: /var/log/mom.log
verbosity: 2
[host]
collectors: HostMemory, HostKSM
[guest]
collectors: GuestMemory, GuestCpuTune`;
    const { config, policies, moved } = migrate(text, (directory) => [`${directory}/b.policy`]);
    expect(config).toEqual([
      'collect_interval: 10s',
      'policy_interval: 30s',
      'history: 8',
      'libvirt:',
      "  uri: 'qemu:///session'",
      'controllers: [balloon, ksm, cpu-tune]',
      'collectors: [default, guest-cpu-tune]',
      'log:',
      '  format: mom',
      '  level: error',
      '  file: /var/log/mom.log',
    ]);
    expect(policies).toEqual([{ file: '/etc/mom/a.rules' }, { file: 'mom.d/b.policy' }]);
    expect(moved.filter(({ kind }) => kind === 'lost')).toEqual([]);
  });

  it.each([
    ['8989', '127.0.0.1:8989', '; every user of the host can use it, as with MOM'],
    ['/run/vdsm/mom.sock', 'unix:/run/vdsm/mom.sock', ''],
  ])('keeps its RPC port %s', (port, address, note) => {
    const { config, moved } = migrate(`[main]\nrpc-port: ${port}`);
    expect(config.join('\n')).toMatch(new RegExp(`\ncontrol:\n  mom_rpc: '?${address}'?\n`));
    expect(moved).toMatchObject([{ kind: 'moved', what: `control.mom_rpc: ${address}${note}` }]);
  });

  it('without a policy changes nothing, as in MOM', () => {
    const { config, policies } = migrate('[main]\ncontrollers: KSM\npolicy:\n');
    expect(config).toContain('dry_run: true');
    expect(policies).toEqual([{ shipped: 'mom-balloon' }, { shipped: 'mom-ksm' }]);
  });

  it('never decides more often than it collects', () => {
    expect(migrate('[main]\nhost-monitor-interval: 20\npolicy-engine-interval: 5').config.slice(0, 2)).toEqual([
      'collect_interval: 20s',
      'policy_interval: 20s',
    ]);
  });

  it.each([
    ['[main]\nhypervisor-interface: vdsm', 'lost: Ballast asks libvirt, not vdsm'],
    ['[main]\nlibvirt-hypervisor-uri: qemu+ssh://h/system', 'lost: not a libvirt of this machine'],
    ['[main]\nrpc-port: 80800', 'lost: "127.0.0.1:80800": 80800 is not a port'],
    ['[main]\nplot-dir: /tmp', 'lost: no plots; `record` keeps all statistics'],
    ['[main]\ncontrollers: Balloon, constructor', 'lost: controllers: [balloon]; there is none for constructor'],
    ['[main]\nsample-history-length: 0', 'lost: not a whole number up to 1000'],
    ['[main]\npolicy-engine-interval: soon', 'lost: not a whole number of seconds up to 86400'],
    ['[main]\nhost-monitor-interval: %(main-loop-interval)s', 'lost: a value with %(NAME)s'],
    ['[main]\ninterval: 5', 'lost: MOM has no such setting in [main]'],
    ['[logging]\nmax-bytes: 5', 'lost: rotate the log with logrotate'],
    ['[logging]\nverbosity: loud', 'lost: no verbosity of MOM; log.level is info'],
    [
      '[guest]\ncollectors: GuestNetworkDaemon',
      'lost: their fields are always there; there is none for GuestNetworkDaemon: the',
    ],
    ['[Collector: GuestQemuAgent]\nsocket_path: /x', 'lost: the settings of a collector of MOM'],
    ['[vdsm]\nport=54321', 'lost: Ballast asks libvirt, not VDSM'],
  ])('says what has no equivalent: %s', (text, want) => expect(verdict(text)).toContain(want));

  it.each([
    ['[main]\n???', 'm:2: expected KEY: VALUE or [SECTION]'],
    ['a: 5', 'm:1: a setting before the first [SECTION]'],
    [`[main]\n${'a: 1\n'.repeat(1001)}`, 'm:1002: more than 1000 settings'],
  ])('is refused with its line: %.20s', (text, want) => {
    if (text.includes('???')) expect(migrate(text).moved[0]).toMatchObject({ kind: 'lost' });
    else expect(() => migrate(text)).toThrow(want);
  });
});
