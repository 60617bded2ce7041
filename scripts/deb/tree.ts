import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);

export interface TreeOptions {
  /** The checkout. */
  readonly root: string;
  /** The unpacked npm package of Node.js. */
  readonly node: string;
  /** An empty folder for files on the way. */
  readonly work: string;
  /** The root of the package's files. */
  readonly tree: string;
  /** In the format of debian/changelog. */
  readonly changelog: string;
}

const LIB = 'usr/lib/ballast';
const SHARE = 'usr/share/ballast';
const DOC = 'usr/share/doc/ballast';

/** Puts all files of the Debian package into `tree`. */
export async function makeTree({ root, node, work, tree, changelog }: TreeOptions): Promise<void> {
  const packed = await unpackSelf(root, work);
  const at = (path: string) => join(tree, path);
  const put = async (from: string, to: string) => {
    await mkdir(dirname(at(to)), { recursive: true });
    await cp(from, at(to), { recursive: true });
  };
  const zipped = async (text: string | Buffer, to: string) => {
    await mkdir(dirname(at(to)), { recursive: true });
    // Without a time in it, so that the same input gives the same package.
    await writeFile(at(to), gzipSync(text, { level: 9 }));
  };
  await rename(join(packed, 'docs'), join(work, 'docs'));
  await rename(join(packed, 'policies'), join(work, 'policies'));
  await rename(join(packed, 'scenarios'), join(work, 'scenarios'));
  await rm(join(packed, 'packaging'), { recursive: true, force: true });
  for (const page of ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'])
    await rm(join(packed, page), { force: true });
  await put(packed, LIB);
  await put(join(work, 'policies'), `${SHARE}/policies`);
  await put(join(work, 'scenarios'), `${SHARE}/scenarios`);
  await symlink(`../../share/ballast/policies`, at(`${LIB}/policies`));
  await put(join(work, 'docs'), DOC);
  // The editor opens the pages about messages there.
  await symlink('../../share/doc/ballast', at(`${LIB}/docs`));
  await rename(at(`${DOC}/ballast.yaml`), join(work, 'ballast.yaml'));
  await put(join(work, 'ballast.yaml'), `${DOC}/examples/ballast.yaml`);
  for (const page of ['README.md', 'SECURITY.md']) await put(join(root, page), `${DOC}/${page}`);
  await zipped(await readFile(join(root, 'CHANGELOG.md')), `${DOC}/changelog.gz`);
  await zipped(changelog, `${DOC}/changelog.Debian.gz`);
  await zipped(await readFile(join(node, 'LICENSE')), `${DOC}/LICENSE.node.gz`);
  await put(join(root, 'packaging/debian/copyright'), `${DOC}/copyright`);
  await put(join(root, 'packaging/debian/lintian-overrides'), 'usr/share/lintian/overrides/ballast');
  await put(join(root, 'packaging/debian/ballast.yaml'), 'etc/ballast/ballast.yaml');
  await put(join(root, 'packaging/systemd/ballast.service'), 'lib/systemd/system/ballast.service');
  await putNode(join(node, 'bin/node'), at(`${LIB}/bin/node`));
  await useOwnNode(at(`${LIB}/bin/ballast`));
  await mkdir(at('usr/bin'), { recursive: true });
  await symlink('../lib/ballast/bin/ballast', at('usr/bin/ballast'));
  await setModes(tree);
}

/** What `npm pack` takes into the package of npm, unpacked. */
async function unpackSelf(root: string, work: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', work], { cwd: root });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
  await run('tar', ['-xzf', join(work, filename), '-C', work]);
  return join(work, 'package');
}

/** Without the symbols, which are a quarter of it. */
async function putNode(from: string, to: string): Promise<void> {
  await cp(from, to);
  // The binary of another architecture stays as it is, where this machine's tools do not know it.
  await run('strip', ['--strip-unneeded', '--remove-section=.comment', to]).catch(() => undefined);
}

/** Lets the command run on the Node.js of the package, whatever is on the PATH. */
async function useOwnNode(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const changed = text.replace(/^#!\/usr\/bin\/env -S node /, `#!/${LIB}/bin/node `);
  if (changed === text) throw new Error(`${path} does not begin with #!/usr/bin/env -S node`);
  await writeFile(path, changed);
}

/** As Debian wants them, whatever the umask is. */
async function setModes(tree: string): Promise<void> {
  await run('chmod', ['-R', 'u=rwX,go=rX', tree]);
  await run('find', [tree, '-type', 'f', '-exec', 'chmod', '-x', '{}', '+']);
  for (const path of [`${LIB}/bin/ballast`, `${LIB}/bin/node`]) await chmod(join(tree, path), 0o755);
}
