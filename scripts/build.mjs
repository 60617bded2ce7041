// Builds what the package ships: plain JavaScript in dist/, with every dependency inside, so that the installed command
// needs nothing but Node and starts fast.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));

await rm(`${root}/dist`, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  define: { BALLAST_VERSION: JSON.stringify(version) },
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

// The licences of what was bundled go with it.
const packages = new Set(
  Object.keys(metafile.inputs)
    .map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1])
    .filter((name) => name !== undefined),
);
const notices = [];
for (const name of [...packages].sort()) {
  const folder = `${root}/node_modules/${name}`;
  const { version: own, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  notices.push(`${name} ${own} (${license})\n\n${(await licenceText(folder)).trim()}\n`);
}
await writeFile(`${root}/dist/THIRD-PARTY-LICENSES.txt`, notices.join(`\n${'-'.repeat(78)}\n\n`));

async function licenceText(folder) {
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENSE-MIT', 'license', 'License', 'LICENCE', 'license.md', 'LICENSE-MIT.txt']) {
    const text = await readFile(`${folder}/${name}`, 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  return 'The package ships no licence text of its own; the name of its licence is above.';
}
