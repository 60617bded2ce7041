import { limitsIn, limitsText, type DiskLimit } from '../../model/disk-tuning.ts';
import { catalogue } from '../messages/catalogue.ts';
import { CALLABLE_BYTES } from '../values/costs.ts';
import { DISK_SETTERS } from '../builtins/disks.ts';
import { diskAttribute } from '../values/disk.ts';
import type { Disk } from '../values/entity.ts';
import { Callable, describe, type Value } from '../values/values.ts';
import type { MethodContext } from './method-context.ts';
import { control } from './writes.ts';

const CONTROL = 'io_tune';

/** An attribute of a disk; undefined: it has no such attribute. */
export function attributeOfDisk(machine: MethodContext, disk: Disk, name: string): Value | undefined {
  const limit = DISK_SETTERS.get(name);
  if (limit === undefined) return diskAttribute(disk, name);
  machine.take(CALLABLE_BYTES, machine.site);
  return new Callable(name, [1, 1], `(DISK.${name} VALUE)`, ([value]) => {
    request(machine, disk, { method: name, limit, value: value ?? null });
    return null;
  });
}

interface Setting {
  readonly method: string;
  readonly limit: DiskLimit;
  readonly value: Value;
}

/** Adds a limit to what is requested for the disks of the guest in this evaluation. nil leaves the limit as it is, as in MOM. */
function request(machine: MethodContext, { guest, tuning }: Disk, { method, limit, value }: Setting): void {
  if (value === null) return;
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    machine.fail(catalogue.operands(method, 'a number', describe(value), null), machine.site);
  let requested = guest.lastRequest;
  while (requested !== null && (requested.name !== CONTROL || !requested.live)) requested = requested.previous;
  const before = typeof requested?.value === 'string' ? limitsIn(requested.value) : null;
  const all = new Map(before === null || typeof before === 'string' ? [] : before);
  all.set(tuning.name, { ...all.get(tuning.name), [limit]: Math.trunc(number) });
  const text = limitsText(all);
  machine.charge(text.length >> 4);
  control(machine, guest, CONTROL, text, null, null, machine.site);
}
