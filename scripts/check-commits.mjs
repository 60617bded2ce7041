import { execFileSync } from 'node:child_process';

/**
 * Fails when the subject of a commit is longer than 72 characters: those that `origin/main` does not have, and the last one. Without a
 * repository (in an unpacked archive) there is nothing to check.
 */
const MOST = 72;

const subjects = [...log('-1', 'HEAD'), ...log('origin/main..HEAD')];
const tooLong = [...new Set(subjects)].filter((line) => [...line.slice(line.indexOf(' ') + 1)].length > MOST);
for (const line of tooLong) console.error(`The subject of this commit is longer than ${MOST} characters: ${line}`);
process.exitCode = tooLong.length === 0 ? 0 : 1;

/** One line for each commit, merges left out: the short hash and the subject. Empty for a range that is not known here. */
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
