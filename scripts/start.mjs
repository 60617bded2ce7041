// `npm start`: the demo recording through the shipped policies, and what to try after it.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const demo = 'test/recordings/demo.jsonl.gz';
const policies = ['policies/mom-balloon.policy', 'policies/mom-ksm.policy'].flatMap((policy) => ['--policy', policy]);

const NEXT = `
Next:
  why did db-1 give memory?   ./bin/ballast explain ${demo} --policy policies/mom-balloon.policy --at +4min --guest db-1
  with another threshold      ./bin/ballast replay ${demo} --policy policies/mom-balloon.policy --param shortage_share=15%
  write a policy of your own  docs/tutorial.md (20 minutes, without root)
  look at a real host         sudo ./bin/ballast run --policy policies/first-look.policy --log-format pretty
`;

const { status } = spawnSync(join(root, 'bin/ballast'), ['replay', demo, ...policies], { cwd: root, stdio: 'inherit' });
if (status === 0) process.stdout.write(NEXT);
process.exitCode = status ?? 1;
