// Bundles the extension into dist/, with esbuild and TypeScript of the surrounding checkout.
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
  // Provided by the editor.
  external: ['vscode'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
await writeFile(`${root}/dist/THIRD-PARTY-LICENSES.txt`, await thirdPartyLicenses(metafile, root));
await copyFile(`${root}/../../LICENSE`, `${root}/LICENSE`);
