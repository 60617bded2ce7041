import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';

// Names that policies for MOM and VDSM use and Ballast does not have, with what to do. Facts: the fields and controls of MOM.

/** Fields under the names of MOM 0.2 and 0.3. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['libvirt_curmem', 'balloon_cur'],
  ['libvirt_maxmem', 'balloon_max'],
  ['min_guarantee', 'balloon_min'],
  ['libvirt_state', 'state'],
  ['free', 'mem_unused'],
  ['minflt', 'host_minor_faults'],
  ['majflt', 'host_major_faults'],
]);

const CPU =
  "MOM's CPU tuning has vcpu_quota, vcpu_period, vcpu_user_limit and vcpu_count: list guest-cpu-tune under collectors and cpu-tune under controllers in the config";
const IO =
  "MOM's I/O tuning has io_tune and io_tune_current: list guest-io-tune under collectors and io-tune under controllers in the config";

/** The fields, controls and methods of MOM that do not concern memory: a config must list what provides them. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^vcpu_|^cpu_(?:period|quota|shares|tune)/, CPU],
  [/^(?:io_tune\w*|ioTune\w*|iotune\w*)$|^(?:set|get)?(?:total|read|write)_?(?:iops|bytes)_?sec$/i, IO],
];

/** Parts of an I/O setting: `disk.maximum.total_iops_sec`. */
const IO_PARTS = /^\w+\.(?:maximum|guaranteed|current|policy)\.(?:total|read|write)_(?:iops|bytes)_sec$/;

/** Whether a field is only known under another name since MOM 0.4. */
export function isRenamed(name: string): boolean {
  return RENAMED.has(name);
}

/**
 * What to do about a name of MOM.
 * @param full the whole name as written, which may have more than two parts
 * @param known whether the vocabulary has a name
 */
export function momName(
  what: 'field' | 'control' | 'method',
  name: string,
  full: string,
  known: (name: string) => boolean,
): Fault | null {
  const right = what === 'field' ? RENAMED.get(name) : undefined;
  if (right !== undefined && known(right)) return catalogue.renamedSince(what, name, right);
  if (IO_PARTS.test(full)) return catalogue.onlyInMom(what, name, IO);
  const cure = ELSEWHERE.find(([pattern]) => pattern.test(name))?.[1];
  return cure === undefined ? null : catalogue.onlyInMom(what, name, cure);
}
