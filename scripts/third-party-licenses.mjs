import { readdir, readFile } from 'node:fs/promises';

/**
 * The licences of bundled dependencies, which must be distributed with the bundle. Workspace packages are excluded: they have
 * Ballast's own licence.
 * @param metafile esbuild's metafile of the bundle
 * @param root the folder that the paths in the metafile are relative to
 */
export async function thirdPartyLicenses(metafile, root) {
  const folders = new Set(
    Object.keys(metafile.inputs)
      .map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0])
      .filter((folder) => folder !== undefined),
  );
  const notices = new Map();
  for (const folder of folders) {
    const { name, version, license, author } = JSON.parse(await readFile(`${root}/${folder}/package.json`, 'utf8'));
    notices.set(`${name} ${version} (${license})`, await licenceText(`${root}/${folder}`, license, author));
  }
  const sorted = [...notices]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, text]) => `${title}\n\n${text.trim()}\n`);
  return sorted.join(`\n${'-'.repeat(78)}\n\n`);
}

/** The licence files of a package, with other notices that must be distributed. */
async function licenceText(folder, license, author) {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)\b/i.test(name)).sort();
  if (names.length > 0)
    return (await Promise.all(names.map((name) => readFile(`${folder}/${name}`, 'utf8')))).join('\n');
  if (license === 'MIT' && author !== undefined) return mitText(author.name ?? author);
  throw new Error(`${folder} has no licence text, so that it cannot be bundled`);
}

/** The licence text for packages that only declare `MIT`; it must be distributed anyway. */
function mitText(holder) {
  return `Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}
