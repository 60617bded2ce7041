import type { PolicySource, SourceDamage } from '../policy/index.ts';

/** The content of a policy file. */
export interface ReadPolicy extends PolicySource {
  /** Whether the file starts with a byte order mark, which `text` does not include. */
  readonly byteOrderMark: boolean;
}

/** A byte order mark in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf] as const;
/** U+FFFD in UTF-8. */
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const;

/**
 * Decodes a policy as UTF-8. The first encoding error is returned as `damage`, so that it is reported as a diagnostic with a
 * position. Invalid bytes become U+FFFD in the text.
 */
export function decodePolicy(file: string, bytes: Uint8Array): ReadPolicy {
  if (isUtf16(bytes)) return { file, text: '', damage: { kind: 'utf-16' }, byteOrderMark: false };
  const byteOrderMark = MARK.every((byte, at) => bytes[at] === byte);
  const content = byteOrderMark ? bytes.subarray(MARK.length) : bytes;
  const text = decoded(content);
  const damage = firstInvalid(content, text);
  return { file, text, ...(damage && { damage }), byteOrderMark };
}

/** Detected by the byte order mark, or by a zero byte in the first character: policies start with ASCII. */
function isUtf16([first, second]: Uint8Array): boolean {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return second !== undefined && (first === 0) !== (second === 0);
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The first invalid byte, with the offset of its U+FFFD in the text; null if there is none. */
function firstInvalid(bytes: Uint8Array, text: string): SourceDamage | null {
  for (let offset = text.indexOf('\ufffd'), from = 0, at = 0; offset !== -1; offset = text.indexOf('\ufffd', from)) {
    at += Buffer.byteLength(text.slice(from, offset));
    // The file itself may contain U+FFFD.
    if (!REPLACEMENT.every((byte, index) => bytes[at + index] === byte))
      return { kind: 'not-utf-8', offset, byte: bytes[at] as number };
    at += REPLACEMENT.length;
    from = offset + 1;
  }
  return null;
}
