// `npm run generate` writes the generated files; `npm run generate:check` only reports those that are out of date, with the first differing line.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { firstDifference, GENERATED } from './generated.ts';

const check = process.argv.includes('--check');
for (const file of GENERATED) {
  const url = new URL(`../${file.path}`, import.meta.url);
  const found = existsSync(url) ? readFileSync(url, 'utf8') : '';
  const expected = await file.text(found);
  const difference = firstDifference(file, found, expected);
  if (difference === null) continue;
  if (check) {
    console.error(difference);
    process.exitCode = 1;
  } else {
    mkdirSync(new URL('.', url), { recursive: true });
    writeFileSync(url, expected);
    console.log(file.path);
  }
}
