/** Units of libvirt's scaled integers: powers of 1024, except kB, MB … */
const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1000,
  k: 1024,
  kib: 1024,
  mb: 1000 ** 2,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1000 ** 3,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  tb: 1000 ** 4,
  t: 1024 ** 4,
  tib: 1024 ** 4,
};

/** No size has more characters. */
const MAX_LENGTH = 32;

/** A size in KiB; null when amount or unit is invalid. */
export function kibOf(amount: string, unit: string): number | null {
  const digits = amount.trim();
  if (digits.length > MAX_LENGTH || !/^\d+$/.test(digits)) return null;
  const kib = Math.floor((Number(digits) * (UNIT_BYTES[unit.toLowerCase()] ?? NaN)) / 1024);
  return Number.isSafeInteger(kib) ? kib : null;
}

/** A size as people write it, with its unit: `512MiB`; null when it is none. */
export function kibOfText(text: string): number | null {
  const trimmed = text.trim();
  // Bounded before it is matched: users write this text.
  if (trimmed.length > MAX_LENGTH) return null;
  const [, amount, unit] = /^(\d+)\s*([A-Za-z]+)$/.exec(trimmed) ?? [];
  return amount === undefined || unit === undefined ? null : kibOf(amount, unit);
}
