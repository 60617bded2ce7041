import type { TypedParam, TypedParamType, TypedValue } from './typed-params.ts';
import type { Int64 } from './xdr.ts';

/** Scheduler parameters by libvirt's names. Support depends on the driver: QEMU has those up to `iothread_quota`. */
export interface SchedulerParameters {
  readonly cpu_shares?: Int64;
  /** Microseconds, like all periods. */
  readonly global_period?: Int64;
  /** Microseconds per period, like all quotas; negative: no limit. */
  readonly global_quota?: Int64;
  readonly vcpu_period?: Int64;
  readonly vcpu_quota?: Int64;
  readonly emulator_period?: Int64;
  readonly emulator_quota?: Int64;
  readonly iothread_period?: Int64;
  readonly iothread_quota?: Int64;
  readonly weight?: number;
  readonly cap?: number;
  readonly reservation?: Int64;
  readonly limit?: Int64;
  readonly shares?: number;
}

/** I/O limits of one disk by libvirt's names; 0: no limit. A total cannot be combined with its read and write limits. */
export interface BlockIoTune {
  readonly total_bytes_sec?: Int64;
  readonly read_bytes_sec?: Int64;
  readonly write_bytes_sec?: Int64;
  readonly total_iops_sec?: Int64;
  readonly read_iops_sec?: Int64;
  readonly write_iops_sec?: Int64;
  readonly total_bytes_sec_max?: Int64;
  readonly read_bytes_sec_max?: Int64;
  readonly write_bytes_sec_max?: Int64;
  readonly total_iops_sec_max?: Int64;
  readonly read_iops_sec_max?: Int64;
  readonly write_iops_sec_max?: Int64;
  readonly size_iops_sec?: Int64;
  readonly group_name?: string;
  /** Seconds, like all lengths. */
  readonly total_bytes_sec_max_length?: Int64;
  readonly read_bytes_sec_max_length?: Int64;
  readonly write_bytes_sec_max_length?: Int64;
  readonly total_iops_sec_max_length?: Int64;
  readonly read_iops_sec_max_length?: Int64;
  readonly write_iops_sec_max_length?: Int64;
}

type Types<T> = { readonly [K in keyof T]-?: TypedParamType };

export const SCHEDULER_TYPES: Types<SchedulerParameters> = {
  cpu_shares: 'ullong',
  global_period: 'ullong',
  global_quota: 'llong',
  vcpu_period: 'ullong',
  vcpu_quota: 'llong',
  emulator_period: 'ullong',
  emulator_quota: 'llong',
  iothread_period: 'ullong',
  iothread_quota: 'llong',
  weight: 'uint',
  cap: 'uint',
  reservation: 'llong',
  limit: 'llong',
  shares: 'int',
};

export const BLOCK_IO_TUNE_TYPES: Types<BlockIoTune> = {
  total_bytes_sec: 'ullong',
  read_bytes_sec: 'ullong',
  write_bytes_sec: 'ullong',
  total_iops_sec: 'ullong',
  read_iops_sec: 'ullong',
  write_iops_sec: 'ullong',
  total_bytes_sec_max: 'ullong',
  read_bytes_sec_max: 'ullong',
  write_bytes_sec_max: 'ullong',
  total_iops_sec_max: 'ullong',
  read_iops_sec_max: 'ullong',
  write_iops_sec_max: 'ullong',
  size_iops_sec: 'ullong',
  group_name: 'string',
  total_bytes_sec_max_length: 'ullong',
  read_bytes_sec_max_length: 'ullong',
  write_bytes_sec_max_length: 'ullong',
  total_iops_sec_max_length: 'ullong',
  read_iops_sec_max_length: 'ullong',
  write_iops_sec_max_length: 'ullong',
};

/**
 * Gives each value the exact type that libvirt requires. Typed parameters are returned unchanged, for names that this
 * package does not know.
 * @throws TypeError for a name without a known type
 */
export function toTypedParams(
  values: object | readonly TypedParam[],
  types: Readonly<Record<string, TypedParamType>>,
): readonly TypedParam[] {
  if (Array.isArray(values)) return values as readonly TypedParam[];
  return Object.entries(values as Record<string, TypedValue | undefined>)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const type = Object.hasOwn(types, name) ? types[name] : undefined;
      if (type === undefined)
        throw new TypeError(`"${name}" has no known type; known are ${Object.keys(types).join(', ')}`);
      return { name, type, value } as TypedParam;
    });
}

/** The parameters by name, including unknown names. */
export function fromTypedParams<T extends object>(params: readonly TypedParam[]): T {
  const values = Object.create(null) as Record<string, TypedValue>;
  for (const { name, value } of params) values[name] = value;
  return values as T;
}
