import { fitLine, type Fit } from './fit.ts';
import type { Comparison } from './figures.ts';
import { LIMITS } from './limits.ts';
import type { Observed } from './observed.ts';

/** What docs/calibration.md is made of. */
export interface Report {
  readonly recordings: readonly Observed[];
  readonly heldOut: readonly Comparison[];
  readonly fit: readonly Comparison[];
  readonly fits: readonly Fit[];
}

/** docs/calibration.md. */
export function page({ recordings, heldOut, fit, fits }: Report): string {
  const dates = recordings.map(({ date }) => date.slice(0, 10)).toSorted();
  const kernels = [...new Set(recordings.map(({ kernel }) => kernel))].join(', ');
  const abouts = new Map(recordings.map(({ plan }) => [plan.name.slice(0, -plan.set.length - 1), plan.about]));
  return `# How far the simulator is from reality

The constants of the simulator come from recordings of real guests on a real host, and it is judged by other recordings, which they were not
fitted to. This page shows where it is right, where it is wrong, and what the latter means for results of \`ballast simulate\`.

![Recorded against simulated](calibration.svg)

## Errors on held-out recordings

The simulator gets what the programs of the guests wanted and the targets that the balloons were told, at the same seconds as in the recording. The
rest is its own. Errors are simulated minus recorded, second by second, from when the guests had booted; figures of guests are of all guests of
the experiment.

${table(
  ['experiment', 'figure', 'unit', 'mean error', 'of the largest', 'in the fit set', 'bias', 'worst'],
  heldOut.map((each) => {
    const twin = fit.find(({ experiment, figure }) => experiment === each.experiment && figure === each.figure);
    const { mean, bias, worst, worstS } = each.errors;
    return [
      ...[each.experiment, each.figure.title, each.figure.unit, short(mean), `${percent(each.percent)} %`],
      ...[twin === undefined ? '' : `${percent(twin.percent)} %`, signed(bias), `${signed(worst)} at ${worstS} s`],
    ];
  }),
)}

- **mean error**: of the absolute differences. **of the largest**: as a share of the largest value in the recording. **in the fit set**: the same in
  the recording that constants were fitted to.
- **bias**: the mean difference; positive where the simulator has more. **worst**: the largest difference.

The experiments:

${[...abouts].map(([kind, about]) => `- **${kind}**: ${about}.`).join('\n')}

${LIMITS}
## Constants

What the recordings of the fit set say, beside what the simulator has (\`src/simulation/constants.ts\`). Most others are from the sources of Linux,
or estimated; each says which.

${table(['constant', 'unit', 'measured', 'from … to', 'times', 'simulated'], fits.map(fitLine))}

## How it was made

\`sudo npm run calibrate\` boots emulated guests (QEMU's TCG, a kernel and busybox) in a memory control group with swap behind it, which is their host:
real memory, really reclaimed and swapped. Guests and ksmd get the CPUs before other programs. Ballast records them, once a second; the script notes when programs took memory and when
balloons got targets. \`npx tsx scripts/calibration/observe-all.ts FOLDER\` reduces the recordings to what is kept in \`test/fixtures/calibration\`,
\`npx tsx scripts/calibration/fit.ts\` prints the constants that fit, and \`npx tsx scripts/calibration/validate.ts\` writes this page and the picture. A test
fails when the simulator no longer fits the recordings as well as this page says.

Recorded ${dates[0]}${dates.at(-1) === dates[0] ? '' : ` to ${dates.at(-1)}`}, Linux ${kernels}.
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(line).join('\n');
}

function percent(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

function short(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0).replace(/^-0(\.0)?$/, '0');
}

function signed(value: number): string {
  const text = short(value);
  return Number(text) > 0 ? `+${text}` : text;
}
