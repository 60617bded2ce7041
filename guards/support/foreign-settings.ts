import type { SettingsGroup } from '../../src/plugin/settings.ts';

const KEYS = {
  ksm: {
    type: 'choice',
    choices: ['insist', 'yield', 'stop', 'ignore'],
    default: 'insist',
    doc: 'When something else changes a KSM setting that Ballast has written. `insist`: say it once and write what the policy requests, because a host whose KSM two programs steer has neither policy; `yield`: leave that setting alone; `stop`: leave all of KSM alone until a restart; `ignore`: as `insist`, without a word.',
  },
  balloon: {
    type: 'choice',
    choices: ['insist', 'yield', 'stop', 'ignore'],
    default: 'insist',
    doc: "When something else moves a balloon that Ballast has set, such as `virsh setmem` or another manager. `insist`: say it once and do what the policy requests; `yield`: leave this guest's balloon alone; `stop`: until Ballast or the guest is restarted; `ignore`: say nothing. A guest's own driver can look like another writer, so with `yield` and `stop` a guest can keep what it has.",
  },
  forget_after: {
    type: 'duration',
    default: '1h',
    min: '1s',
    max: '24h',
    doc: 'After so much time without another such change, Ballast writes again what it has yielded, and says a new change anew. An hour outlasts the intervals of ksmtuned and MOM, and an administrator who tries something.',
  },
} as const;

export const FOREIGN_WRITERS = {
  key: 'foreign_writers',
  doc: 'Other programs that change what Ballast steers, such as ksmtuned or MOM, and administrators.',
  keys: KEYS,
} as const satisfies SettingsGroup<typeof KEYS>;
