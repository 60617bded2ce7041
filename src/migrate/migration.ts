/** What one setting of another program became. */
export interface Moved {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The setting as written, without its comment. */
  readonly setting: string;
  /**
   * moved: it is in the new configuration. needless: Ballast works so without a setting. lost: Ballast has nothing for it, so that
   * something is different now.
   */
  readonly kind: 'moved' | 'needless' | 'lost';
  /** The new key and value, or the reason. */
  readonly what: string;
}

/** A policy of the new configuration: one that is shipped with Ballast, or an existing file. */
export type PolicyFrom =
  { readonly shipped: 'mom-balloon' | 'mom-ksm' | 'ksmtuned' | 'proxmox' } | { readonly file: string };

/** A configuration of Ballast that does what that of another program did. */
export interface Migration {
  /** The lines of ballast.yaml, without those for the policies and their parameters. */
  readonly config: readonly string[];
  /** Values for parameters of the policies, in YAML. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly policies: readonly PolicyFrom[];
  readonly moved: readonly Moved[];
}

/** A line that can be no setting of the file's kind. The message names file and line. */
export class MigrationError extends Error {}

/** Settings of a larger file, or of longer lines, were not written by a person. */
export const MAX_FILE_BYTES = 262_144;
const MAX_LINE = 4096;

/** The lines of a file. @throws MigrationError for what is no text */
export function linesOf(file: string, text: string): readonly string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  lines.forEach((line, at) => {
    if (line.length > MAX_LINE) throw new MigrationError(`${file}:${at + 1}: longer than ${MAX_LINE} characters`);
    // oxlint-disable-next-line no-control-regex -- these are what is refused
    if (/[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/.test(line))
      throw new MigrationError(`${file}:${at + 1}: control characters, or not UTF-8; this is not a configuration file`);
  });
  return lines;
}

/** A text as a YAML scalar, whatever it contains. */
export function yamlText(text: string): string {
  return /^[A-Za-z/][A-Za-z0-9_./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}
