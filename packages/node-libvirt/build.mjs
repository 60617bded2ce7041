// Makes dist/: the package as it is published, in plain JavaScript.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const at = (...parts) => join(here, ...parts);

rmSync(at('dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', at('tsconfig.build.json')], { stdio: 'inherit' });
const { scripts: _scripts, files: _files, ...manifest } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
manifest.exports = { types: './index.d.ts', default: './index.js' };
writeFileSync(at('dist', 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(at('README.md'), at('dist', 'README.md'));
copyFileSync(at('..', '..', 'LICENSE'), at('dist', 'LICENSE'));
