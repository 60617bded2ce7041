import { otherFormat, type OtherFormat } from '../support/other-format.ts';
import type { FileKind } from './file-kind.ts';

/** Formats that are given in place of YAML. JSON is YAML, and a first line that looks like Python may be. */
const NAMES: Partial<Record<OtherFormat, string>> = {
  INI: "an INI file such as MOM's mom.conf",
  policy: 'a policy',
  settings: 'a file of shell settings such as ksmtuned.conf',
  XML: 'XML',
};

/** What a text is that was given as YAML, and how to come from there; null if it may be YAML. */
export function notYaml(text: string, kind: FileKind): { readonly offset: number; readonly message: string } | null {
  const found = otherFormat(text);
  const name = found && NAMES[found.format];
  if (!found || name === undefined || (found.format === 'INI' && !hasSections(text))) return null;
  return {
    offset: found.offset,
    message: `this is ${name}, not a ${kind.name}; ${cure(found.format, found.text, text, kind)}`,
  };
}

function cure(format: OtherFormat, first: string, text: string, kind: FileKind): string {
  switch (format) {
    case 'settings': {
      const [, name = 'NAME', value = ''] = /^[ \t]*(KSM_\w+)=([\w.-]+)/m.exec(text.slice(0, 10_000)) ?? [];
      return name === 'NAME'
        ? `write "NAME: VALUE" in place of "${first.split('=', 1)[0]}=…"`
        : `to come from ksmtuned, run the shipped ksmtuned.policy and write its settings as ${kind.name === 'parameters file' ? 'YAML' : 'parameters (policy.parameters)'}: "${name}: ${value}" (docs/replacing-mom.md)`;
    }
    case 'INI':
      return `its settings become keys in YAML, such as "${kind.example}" (docs/replacing-mom.md)`;
    case 'policy':
      return 'name policies under "policy" in the config, or with --policy';
    default:
      return `it is made of keys and values in YAML, such as "${kind.example}"`;
  }
}

/** A list of YAML can look like the name of a section. */
function hasSections(text: string): boolean {
  return /^[\w.-]+\s*[=:]/m.test(text.slice(0, 10_000));
}
