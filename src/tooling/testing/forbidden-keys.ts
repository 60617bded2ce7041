import type { KeyPath } from '../../yaml/key-path.ts';
import type { FileProblem } from '../../yaml/problem.ts';
import type { YamlText } from '../../yaml/yaml-text.ts';

/** A key that JavaScript keeps for itself: objects would drop it without a word. */
export const FORBIDDEN = '__proto__';

/** Where a file has it. */
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
