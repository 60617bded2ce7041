import type { GuestReading } from '../ports/hypervisor.ts';

export type GuestProcess = Pick<GuestReading, 'pid' | 'startTicks'>;

/** The QEMU processes of the guests. While libvirt does not list the guests, those of its last list: they go on without it. */
export class GuestProcesses {
  #last: readonly GuestProcess[] | null = null;

  /** @returns null: the guests have never been listed */
  of(guests: readonly GuestReading[], areKnown: boolean): readonly GuestProcess[] | null {
    if (areKnown) this.#last = guests.map(({ pid, startTicks }) => ({ pid, startTicks }));
    return this.#last;
  }
}
