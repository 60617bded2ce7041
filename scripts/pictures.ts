// `npm run pictures [-- top|dashboard|report|comparison]`: draws the pictures of the README that need programs, and that of the comparison of
// policies, which needs ten minutes unless `npm run comparison` has just run. `npm run generate` draws docs/demo.svg.
import { writeFile } from 'node:fs/promises';
import { CHROMIUM } from '../test/support/debian-chromium.ts';
import { hasProgram } from '../test/support/has-program.ts';

interface Picture {
  /** Relative to the root of the checkout. */
  readonly path: string;
  /** What it needs: a program, the argument with which it prints its version, and its package in Debian. */
  readonly needs: readonly (readonly [program: string, version: string, debianPackage: string])[];
  readonly draw: () => Promise<string | Buffer>;
}

const PICTURES: Readonly<Record<string, Picture>> = {
  top: {
    path: 'docs/top.svg',
    needs: [['tmux', '-V', 'tmux']],
    draw: async () => (await import('./pictures/top.ts')).topPicture(),
  },
  dashboard: {
    path: 'docs/dashboard.png',
    needs: [
      ['prometheus', '--version', 'prometheus'],
      ['promtool', '--version', 'prometheus'],
      [CHROMIUM, '--version', 'chromium'],
    ],
    draw: async () => (await import('./pictures/dashboard.ts')).dashboardPicture(),
  },
  report: {
    path: 'docs/report.png',
    needs: [[CHROMIUM, '--version', 'chromium']],
    draw: async () => (await import('./pictures/report.ts')).reportPicture(),
  },
  comparison: {
    path: 'docs/comparison.svg',
    needs: [],
    draw: async () => {
      const [{ compareSet, SCENARIOS, SET }, { comparisonPicture }] = await Promise.all([
        import('./comparison/set.ts'),
        import('./comparison/picture.ts'),
      ]);
      const options = { ...SET, scenarios: SCENARIOS };
      return comparisonPicture((await compareSet(options, process.stderr, new AbortController().signal)).comparison);
    },
  },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PICTURES);
const unknown = names.filter((name) => PICTURES[name] === undefined);
const missing = names.flatMap((name) => (PICTURES[name]?.needs ?? []).filter(([program, version]) => !hasProgram(program, version))); // prettier-ignore
if (unknown.length > 0) {
  console.error(`there is no picture ${unknown.join(', ')}; there are ${Object.keys(PICTURES).join(' and ')}`);
  process.exitCode = 2;
} else if (missing.length > 0) {
  const packages = [...new Set(missing.map(([, , debianPackage]) => debianPackage))];
  console.error(
    `${missing.map(([program]) => program).join(', ')} missing: sudo apt-get install ${packages.join(' ')}`,
  );
  process.exitCode = 1;
} else {
  for (const name of names) {
    const { path, draw } = PICTURES[name]!;
    await writeFile(new URL(`../${path}`, import.meta.url), await draw());
    console.log(path);
  }
}
