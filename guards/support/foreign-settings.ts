import type { SettingsGroup } from '../../src/plugin/settings.ts';

const KEYS = {
  ksm: {
    type: 'choice',
    choices: ['insist', 'yield', 'stop', 'ignore'],
    default: 'insist',
    doc: 'When something else changes a KSM setting that Ballast has written. `insist`: say it once and write what the policy requests, because a host whose KSM two programs steer has neither policy; `yield`: leave that setting alone; `stop`: leave all of KSM alone until a restart; `ignore`: as `insist`, without a word.',
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
