import { MERGE, UNMERGE } from '../../host/ksm-knobs.ts';
import { ksmPath } from '../../host/ksm.ts';
import { judged, type Check } from '../check.ts';
import type { ConfiguredFacts, KsmWriter } from '../facts.ts';

const KSM_SAVES = 'KSM keeps identical pages of guests once. Without it, each guest needs its own copy.';

export const KSM_CHECKS: readonly Check[] = [
  {
    name: 'ksm-absent',
    doc: 'the kernel has no KSM',
    find: ({ ksmRun }) =>
      judged(ksmRun, 'KSM', (run) =>
        run !== null
          ? null
          : {
              severity: 'hindrance',
              what: 'the kernel has no KSM (/sys/kernel/mm/ksm is missing)',
              why: KSM_SAVES,
              cure: ['boot a kernel that was built with CONFIG_KSM=y; those of the distributions are'],
            },
      ),
  },
  {
    name: 'ksm-off',
    doc: 'KSM is off, and no running Ballast controls it',
    find: ({ ksmRun, daemon, configured }) => {
      // That it cannot be read is said by the check above. A running Ballast switches it on when the policy wants it.
      if (!ksmRun.isKnown || ksmRun.value === null || ksmRun.value === MERGE) return [];
      if (daemon !== null && configured.controlsKsm) return [];
      const isUnmerging = ksmRun.value === UNMERGE;
      return [
        {
          severity: 'hindrance',
          what: isUnmerging
            ? 'KSM is off, and merged pages were separated (run is 2)'
            : `KSM is off (run is ${ksmRun.value})`,
          why: KSM_SAVES,
          cure: [startOf(configured), `or switch it on by hand: echo 1 > ${ksmPath('run')}`],
        },
      ];
    },
  },
  {
    name: 'ksm-writers',
    doc: 'ksmtuned or MOM is running and changes KSM settings, too',
    find: ({ ksmWriters }) =>
      judged(ksmWriters, 'other programs that write KSM settings', (writers) =>
        writers.map((writer) => ({
          severity: 'hindrance',
          what: `${writer.name} is running${writer.service === null && writer.pid !== null ? ` (process ${writer.pid})` : ''}`,
          why: 'It changes the same settings as Ballast. The two undo each other, and neither reaches what it wants.',
          cure: cureOf(writer),
        })),
      ),
  },
  {
    name: 'ksm-numa',
    doc: 'KSM does not merge pages of different NUMA nodes',
    find: ({ numaNodes, ksmMergesAcrossNodes }) =>
      judged(numaNodes, 'NUMA', (nodes) => {
        if (nodes === null || nodes < 2) return null;
        return judged(ksmMergesAcrossNodes, 'KSM on NUMA nodes', (merges) =>
          merges !== 0
            ? null
            : {
                severity: 'advice',
                what: `KSM merges only within each of the ${nodes} NUMA nodes (merge_across_nodes is 0)`,
                why: 'A page that guests on several nodes have in common is kept once for each node. Merging across nodes saves more, but some guests then read pages from another node, which is slower.',
                cure: [
                  `the setting can be changed only while nothing is merged, and unmerging needs the saved memory: echo 2 > ${ksmPath('run')} && echo 1 > ${ksmPath('merge_across_nodes')} && echo 1 > ${ksmPath('run')}`,
                ],
              },
        );
      }),
  },
];

function startOf({ controlsKsm, dryRun }: ConfiguredFacts): string {
  if (!controlsKsm) return 'add "ksm" to "controllers" in the config and use mom-ksm.policy';
  if (dryRun) return 'set "dry_run: false" in the config, and restart Ballast: systemctl restart ballast';
  return 'start Ballast with a policy that controls KSM, such as mom-ksm.policy: systemctl start ballast';
}

function cureOf({ name, service, pid }: KsmWriter): readonly string[] {
  if (service === 'mom-vdsm')
    return [
      'VDSM starts it again: move the host to maintenance in oVirt, or leave KSM to MOM with "controllers: [balloon]"',
    ];
  if (service !== null) return [`systemctl disable --now ${service}.service`];
  return [pid === null ? `stop ${name}` : `kill ${pid}`, 'and remove it from where it is started'];
}
