import { judged, mib, type Check } from '../check.ts';

/** Reserved huge pages that nobody uses and that are less than this share of the memory do not matter. */
const SMALL_SHARE = 0.01;

/** vm.overcommit_memory: the kernel promises no more than swap and a share of the memory. */
const NEVER_OVERCOMMIT = 2;

const THP = '/sys/kernel/mm/transparent_hugepage';

export const MEMORY_CHECKS: readonly Check[] = [
  {
    name: 'swap',
    doc: 'the host has no swap',
    find: ({ memory }) =>
      judged(memory, 'swap', ({ swapKib }) =>
        swapKib !== 0
          ? null
          : {
              severity: 'hindrance',
              what: 'the host has no swap',
              why: 'Guests can take memory back faster than balloons shrink others. Without swap the kernel then kills a process at once, usually a QEMU.',
              cure: [
                'fallocate -l 8G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile (on btrfs: btrfs filesystem mkswapfile; on ZFS: a partition)',
                "and keep it over a boot: echo '/swapfile none swap sw 0 0' >> /etc/fstab",
              ],
            },
      ),
  },
  {
    name: 'host-hugepages',
    doc: 'memory of the host is reserved as huge pages that nobody uses',
    find: ({ memory }) =>
      judged(memory, 'huge pages', ({ totalKib, hugepagesKib, unusedHugepagesKib }) =>
        hugepagesKib === null || unusedHugepagesKib === null || unusedHugepagesKib <= totalKib * SMALL_SHARE
          ? null
          : {
              severity: 'hindrance',
              what: `${mib(unusedHugepagesKib)} of ${mib(hugepagesKib)} reserved as huge pages are not in use`,
              why: 'Only guests with <hugepages> can use this memory. For all others, for KSM and for balloons it does not exist.',
              cure: [
                'reserve as many as the guests use: sysctl vm.nr_hugepages=NUMBER (for 1 GiB pages: hugepages= on the kernel command line)',
              ],
            },
      ),
  },
  {
    name: 'thp',
    doc: 'khugepaged fills memory again that balloons have given back',
    find: ({ transparentHugepages, khugepagedEmptyPages }) =>
      judged(transparentHugepages, 'transparent huge pages', (mode) => {
        if (mode === null || mode === 'never') return null;
        return judged(khugepagedEmptyPages, 'khugepaged', (empty) =>
          empty === null || empty === 0
            ? null
            : {
                severity: 'advice',
                what: `transparent huge pages are on (${mode}), and khugepaged may add up to ${empty} empty pages to make a huge one`,
                why: 'Balloons return single pages. khugepaged makes whole huge pages of the rest and so takes back what was returned; ksmd has to split huge pages before it can merge.',
                cure: [
                  `echo 0 > ${THP}/khugepaged/max_ptes_none`,
                  'keep it over a boot with a line in /etc/tmpfiles.d/thp.conf: ' +
                    `w ${THP}/khugepaged/max_ptes_none - - - - 0`,
                ],
              },
        );
      }),
  },
  {
    name: 'overcommit-mode',
    doc: 'the kernel refuses to promise more memory than there is',
    find: ({ overcommitMode }) =>
      judged(overcommitMode, 'vm.overcommit_memory', (mode) =>
        mode !== NEVER_OVERCOMMIT
          ? null
          : {
              severity: 'hindrance',
              what: 'the kernel does not overcommit memory (vm.overcommit_memory is 2)',
              why: 'QEMU asks for all memory of a guest when it starts. With this setting the start fails as soon as the promises exceed the limit, however much memory is free.',
              cure: ['sysctl vm.overcommit_memory=0, and the same line in /etc/sysctl.d'],
            },
      ),
  },
  {
    name: 'pressure',
    doc: 'the kernel does not report memory pressure (PSI)',
    find: ({ hasPressure }) =>
      judged(hasPressure, 'memory pressure', (has) =>
        has
          ? null
          : {
              severity: 'advice',
              what: 'the kernel does not report memory pressure (/proc/pressure/memory is missing)',
              why: 'The emergency guard then sees only how much memory is free, not how long processes wait for it, and policies by pressure cannot run.',
              cure: ['add psi=1 to the kernel command line and boot, with Linux 4.20 or newer'],
            },
      ),
  },
];
