import { linesOf, MigrationError } from './migration.ts';

/** A setting of a file of Python's configparser, which MOM uses. */
export interface IniSetting {
  readonly line: number;
  readonly section: string;
  /** In lower case, as configparser does it. */
  readonly key: string;
  readonly value: string;
  /** Continued on further lines, which are part of the value. */
  readonly isLong: boolean;
}

/** More settings than this were not written by a person. */
const MAX_SETTINGS = 1000;

/** Reads `[section]`, `key: value` and `key = value`. @throws MigrationError with file and line */
export function readIni(file: string, text: string): readonly IniSetting[] {
  const settings: IniSetting[] = [];
  let section: string | null = null;
  linesOf(file, text).forEach((line, index) => {
    const where = `${file}:${index + 1}`;
    if (line.trim() === '' || /^\s*[#;]/.test(line)) return;
    const last = settings.at(-1);
    if (/^\s/.test(line) && last !== undefined) {
      settings[settings.length - 1] = { ...last, value: `${last.value} ${line.trim()}`.trim(), isLong: true };
      return;
    }
    const named = /^\[([^\]]+)\]$/.exec(line.trimEnd());
    if (named !== null) {
      section = named[1]!.trim();
      return;
    }
    const at = line.search(/[:=]/);
    const key = (at === -1 ? line : line.slice(0, at)).trim();
    const value = at === -1 ? '' : line.slice(at + 1).trim();
    if (key === '' || /^\s/.test(line)) throw new MigrationError(`${where}: expected KEY: VALUE or [SECTION]`);
    if (section === null) throw new MigrationError(`${where}: a setting before the first [SECTION]`);
    if (settings.length >= MAX_SETTINGS) throw new MigrationError(`${where}: more than ${MAX_SETTINGS} settings`);
    settings.push({ line: index + 1, section, key: key.toLowerCase(), value, isLong: false });
  });
  return settings;
}
