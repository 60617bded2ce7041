import { createHash, type Hash } from 'node:crypto';

/**
 * A digest of a whole Parquet file, in its own footer: readers of Parquet trust the numbers in a file, and damaged ones can keep them busy
 * without an end. It is that of the file with zeros in the place of the digest.
 */
export const DIGEST_KEY = 'ballast.digest';

const PREFIX = 'sha256:';
const LENGTH = 64;

/** What the footer has until the digest is known. */
export const NO_DIGEST = `${PREFIX}${'0'.repeat(LENGTH)}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function newDigest(): Hash {
  return createHash('sha256');
}

/** Writes the digest of a file into its footer. @param before the digest of all bytes before the footer */
export function sealFooter(footer: Uint8Array, before: Hash): void {
  const bytes = Buffer.from(footer.buffer, footer.byteOffset, footer.byteLength);
  const at = bytes.lastIndexOf(NO_DIGEST);
  if (at === -1) throw new Error('the footer has no place for a digest');
  bytes.write(`${PREFIX}${before.update(bytes).digest('hex')}`, at, 'latin1');
}

/** Whether a footer has the digest of its file. @param value of {@link DIGEST_KEY} @param before the digest of all bytes before the footer */
export function isIntact(footer: Uint8Array, value: string, before: Hash): boolean {
  if (!DIGEST.test(value)) return false;
  const bytes = Buffer.from(footer);
  const at = bytes.lastIndexOf(value);
  if (at === -1) return false;
  bytes.write(NO_DIGEST, at, 'latin1');
  return before.update(bytes).digest('hex') === value.slice(PREFIX.length);
}
