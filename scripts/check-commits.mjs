import { execFileSync } from 'node:child_process';

/**
 * Fails if a commit subject is longer than 72 characters. Checks the last commit and all commits that are not in `origin/main`;
 * without a repository (in an unpacked archive), none.
 */
const MAX_LENGTH = 72;

const subjects = [...log('-1', 'HEAD'), ...log('origin/main..HEAD')];
const tooLong = [...new Set(subjects)].filter((line) => [...line.slice(line.indexOf(' ') + 1)].length > MAX_LENGTH);
for (const line of tooLong)
  console.error(`The subject of this commit is longer than ${MAX_LENGTH} characters: ${line}`);
process.exitCode = tooLong.length === 0 ? 0 : 1;

/** One line for each commit except merges: the short hash and the subject. Empty for an unknown range. */
function log(...range) {
  try {
    const text = execFileSync('git', ['log', '--no-merges', '--format=%h %s', ...range, '--'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}
