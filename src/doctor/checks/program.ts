import { counted, guestsWith, judged, type Check } from '../check.ts';

/** The oldest Node.js that Ballast runs on. */
const LEAST_NODE = [20, 19] as const;

/** libvirt 4.5 reads statistics without waiting for a guest that hangs; libvirt 6.9 knows free page reporting. */
const LEAST_LIBVIRT = 4_005_000;
const GOOD_LIBVIRT = 6_009_000;

export const PROGRAM_CHECKS: readonly Check[] = [
  {
    name: 'stop-file',
    doc: 'the stop file is there, so Ballast writes nothing',
    find: ({ stopped }) =>
      stopped === null
        ? []
        : [
            {
              severity: 'hindrance',
              what: stopped,
              why: 'While it is there, Ballast writes nothing to KSM and balloons.',
              cure: [
                'find out who made it and why, and then remove it (rm); Ballast writes again from the next interval on',
              ],
            },
          ],
  },
  {
    name: 'dry-run',
    doc: 'the config asks for a dry run, so Ballast writes nothing',
    find: ({ configured }) =>
      !configured.dryRun
        ? []
        : [
            {
              severity: 'advice',
              what: 'the config asks for a dry run (dry_run is true)',
              why: 'Ballast then only logs what it would do. It sets no statistics period either, so guests without one are left out.',
              cure: [
                'see what it would do: ballast guests, ballast why NAME, and the log (journalctl -u ballast)',
                'then set "dry_run: false" and restart it: systemctl restart ballast',
              ],
            },
          ],
  },
  {
    name: 'ksm-permission',
    doc: 'this user may not write KSM settings',
    find: ({ ksmRefusal, configured, uid }) =>
      !configured.controlsKsm
        ? []
        : judged(ksmRefusal, 'writing KSM settings', (why) =>
            why === null
              ? null
              : {
                  severity: 'hindrance',
                  what: `the user ${uid} cannot write KSM settings: ${why}`,
                  why: 'Ballast cannot control KSM as this user.',
                  cure:
                    uid === 0
                      ? [
                          'mount /sys writable: a container needs it from the host; a systemd unit must not have ProtectKernelTunables=yes',
                        ]
                      : ['run Ballast, and this command, as root; the unit of the package does'],
                },
          ),
  },
  {
    name: 'qemu-permission',
    doc: 'this user may not read the figures of QEMU processes',
    find: (facts) =>
      guestsWith(
        facts,
        ({ process }) => !process.isKnown,
        (names) => {
          const guests = facts.guests.isKnown ? facts.guests.value : [];
          const first = guests.find(({ process }) => !process.isKnown)!.process;
          return {
            severity: 'hindrance',
            what: `the QEMU process of ${counted(names, 'cannot be read', 'cannot be read')}${first.isKnown ? '' : `: ${first.why}`}`,
            why: 'What KSM merges in a guest and what it really uses of the host are then unknown, and guards that compare with the host cannot work.',
            cure: [
              facts.uid === 0
                ? 'mount /proc without hidepid, and run Ballast in the PID namespace of the host'
                : 'run Ballast, and this command, as root; another user needs CAP_DAC_READ_SEARCH',
            ],
          };
        },
      ),
  },
  {
    name: 'node-version',
    doc: 'Node.js is older than Ballast needs',
    find: ({ nodeVersion }) => {
      const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.', 2).map(Number);
      const [leastMajor, leastMinor] = LEAST_NODE;
      if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return [];
      return [
        {
          severity: 'hindrance',
          what: `Node.js ${nodeVersion} is too old`,
          why: `Ballast is tested with Node.js ${LEAST_NODE.join('.')} and newer.`,
          cure: ['install the Debian package of Ballast, which carries its own, or a newer Node.js'],
        },
      ];
    },
  },
  {
    name: 'libvirt',
    doc: 'libvirt cannot be reached, or guests do not answer it',
    find: (facts) => {
      const { guests } = facts;
      if (!guests.isKnown)
        return [
          {
            severity: 'unknown',
            what: `guests cannot be checked: ${guests.why}`,
            why: 'Without libvirt no guest is seen and no balloon is moved.',
            cure: [
              'start it: systemctl start libvirtd (with modular daemons: virtqemud.socket)',
              'without root: join the group libvirt, or give the URI of the session with --config',
            ],
          },
        ];
      return guestsWith(
        facts,
        ({ responds, domain }) => !responds || domain === null,
        (names) => ({
          severity: 'unknown',
          what: `${counted(names, 'does', 'do')} not answer libvirt or has no readable definition`,
          why: 'QEMU hangs, or was stopped. Such a guest is not ballooned until it answers.',
          cure: ['virsh domcontrol NAME shows what it waits for'],
        }),
      );
    },
  },
  {
    name: 'libvirt-version',
    doc: 'libvirt is too old to read guests that hang without waiting, or to report free pages',
    find: ({ libvirtVersion, guests }) =>
      // That it cannot be reached is said by the check above.
      !guests.isKnown
        ? []
        : judged(libvirtVersion, 'the version of libvirt', (version) =>
            version >= GOOD_LIBVIRT
              ? null
              : {
                  severity: version < LEAST_LIBVIRT ? 'hindrance' : 'advice',
                  what: `libvirt ${versionText(version)} is old`,
                  why:
                    version < LEAST_LIBVIRT
                      ? 'Before 4.5 a guest that hangs holds up the statistics of all others.'
                      : 'Before 6.9 guests cannot be given free page reporting, by which they return free memory by themselves.',
                  cure: ['update libvirt, at best to the one of Debian 12 (9.0) or newer'],
                },
          ),
  },
];

function versionText(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}
