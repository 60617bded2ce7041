import type { PolicySource, SourceDamage } from '../policy/index.ts';

/** A policy as it was read. */
export interface ReadPolicy extends PolicySource {
  /** Whether the file begins with a byte order mark, which is no part of the text. */
  readonly byteOrderMark: boolean;
}

/** A byte order mark in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf] as const;
/** U+FFFD in UTF-8. */
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const;

/**
 * The text of a policy's bytes, which are UTF-8. What is wrong with them goes with the text, so that it is an error of the policy with
 * its place like any other. The text then has U+FFFD in the place of the wrong bytes.
 */
export function decodePolicy(file: string, bytes: Uint8Array): ReadPolicy {
  if (isUtf16(bytes)) return { file, text: '', damage: { kind: 'utf-16' }, byteOrderMark: false };
  const byteOrderMark = MARK.every((byte, at) => bytes[at] === byte);
  const content = byteOrderMark ? bytes.subarray(MARK.length) : bytes;
  const text = decoded(content);
  const damage = firstWrong(content, text);
  return { file, text, ...(damage && { damage }), byteOrderMark };
}

/** By its byte order mark, or by the zero byte in one half of its first character: policies begin in ASCII. */
function isUtf16([first, second]: Uint8Array): boolean {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return second !== undefined && (first === 0) !== (second === 0);
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The first byte that begins no character, with the place of the U+FFFD that stands for it; null when there is none. */
function firstWrong(bytes: Uint8Array, text: string): SourceDamage | null {
  for (let offset = text.indexOf('\ufffd'), from = 0, at = 0; offset !== -1; offset = text.indexOf('\ufffd', from)) {
    at += Buffer.byteLength(text.slice(from, offset));
    // The file itself may have a U+FFFD.
    if (!REPLACEMENT.every((byte, index) => bytes[at + index] === byte))
      return { kind: 'not-utf-8', offset, byte: bytes[at] as number };
    at += REPLACEMENT.length;
    from = offset + 1;
  }
  return null;
}
