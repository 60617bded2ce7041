import type { KeyPath } from '../../yaml/key-path.ts';
import type { FileProblem } from '../../yaml/problem.ts';
import type { YamlText } from '../../yaml/yaml-text.ts';

/** Assigning this key sets the prototype of the object, so that the value is lost silently. */
export const FORBIDDEN = '__proto__';

/** Reports all uses in a file. */
export function forbiddenKeys(yaml: YamlText, file: string): FileProblem[] {
  const found: FileProblem[] = [];
  const walk = (value: unknown, path: KeyPath): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (key === FORBIDDEN)
        found.push({
          file,
          ...yaml.keyAt(at),
          message: `"${FORBIDDEN}" is a reserved key; choose another name`,
        });
      else walk(inner, at);
    }
  };
  walk(yaml.value, []);
  return found;
}
