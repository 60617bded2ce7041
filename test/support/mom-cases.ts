import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../cases/', import.meta.url);

/** The cases whose results were recorded with MOM, a JSON text for each, by file. */
export function momCases(): readonly { readonly file: string; readonly lines: readonly string[] }[] {
  return readdirSync(folder)
    .filter((name) => /^(language|entit).*\.jsonl$/.test(name))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return { file, lines: text.split('\n').filter((line) => line !== '') };
    });
}
