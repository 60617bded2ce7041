/** Guests that boot have no sample for less than this, seconds. */
const BOOTS_S = 120;

/** More than this is a guest, KiB: less can be what two figures of different moments differ by. */
const LEAST_KIB = 128 * 1024;

/**
 * Resident memory of guests that have no sample. What is there for a while and not longer is of guests that boot. What stays is of guests that
 * never have a sample, because they have no balloon.
 */
export class UnseenGuests {
  #recent: { readonly atS: number; readonly kib: number }[] = [];
  /** Whether some never had a sample. */
  stay = false;

  /** @returns the part of it that is of guests which boot, KiB */
  passing(atS: number, kib: number): number {
    this.#recent = this.#recent.filter((each) => each.atS > atS - BOOTS_S);
    this.#recent.push({ atS, kib });
    const covered = atS - this.#recent[0]!.atS >= BOOTS_S / 2;
    const staying = this.#recent.reduce((least, each) => Math.min(least, each.kib), kib);
    if (covered && staying > LEAST_KIB) this.stay = true;
    return kib - staying;
  }
}
