// Bundles the extension into dist/. esbuild and TypeScript are those of the checkout around this folder.
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { thirdPartyLicenses } from '../../scripts/third-party-licenses.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));

await rm(`${root}/dist`, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { extension: 'src/extension.ts' },
  outdir: 'dist',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // Given by the editor.
  external: ['vscode'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
await writeFile(`${root}/dist/THIRD-PARTY-LICENSES.txt`, await thirdPartyLicenses(metafile, root));
await copyFile(`${root}/../../LICENSE`, `${root}/LICENSE`);
