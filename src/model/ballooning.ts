/** Why the balloon of a guest is left alone, as in the field `ballooning_off`. */
export const BALLOONING_OFF = {
  'unreadable XML': 'its domain XML cannot be read, so its limits are unknown',
  'no device': 'it has no balloon device',
  metadata: "Ballast's element in its metadata says so, or is invalid",
  oVirt: "oVirt's metadata says so, or is invalid",
  label: 'it has the label no-ballooning',
  config: 'guests.ballooning_off of the config has its name',
  hugepages: 'its memory consists of huge pages, which a balloon does not return to the host',
  VFIO: 'a device of the host pins its memory (VFIO, vDPA), so a balloon returns nothing',
  locked: 'its memory is locked, so a balloon returns nothing',
  'encrypted memory': 'its memory is encrypted and pinned, so a balloon returns nothing',
} as const;

export type BallooningOff = keyof typeof BALLOONING_OFF;

/** Guests that return nothing: taking from them is useless, but they may be given back what they lack. */
export const RETURNS_NOTHING: ReadonlySet<unknown> = new Set<BallooningOff>([
  'hugepages',
  'VFIO',
  'locked',
  'encrypted memory',
]);

/** The label that switches ballooning of a guest off. */
export const NO_BALLOONING = 'no-ballooning';
