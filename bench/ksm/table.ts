import type { Run, Sample } from './run.ts';

/** The last part of a run counts as settled. */
const SETTLED_S = 120;

/** Merged is what is at least this share of what the first of the runs has merged in the end. */
const MOSTLY = 0.95;

/** A Markdown table; shares and times are relative to the first run. */
export function resultTable(results: readonly { readonly title: string; readonly run: Run }[]): string {
  const [first] = results;
  if (first === undefined) return '';
  const whole = settled(first.run);
  const rows = results.map(({ title, run }) => {
    const own = settled(run);
    const at = run.samples.find(({ savedMib }) => savedMib >= MOSTLY * whole.savedMib)?.seconds;
    return [
      title,
      `${own.savedMib.toFixed(0)} MiB`,
      percent(own.savedMib / whole.savedMib),
      at === undefined ? 'never' : `${at.toFixed(0)} s`,
      `${run.samples.at(-1)!.cpuS.toFixed(1)} s`,
      percent(own.cpu),
    ];
  });
  const header = [
    'rules',
    'saved once settled',
    'of the first',
    '95 % of that after',
    'CPU time of ksmd',
    'of a CPU once settled',
  ];
  const lines = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const touched = results.map(({ run }) => run.touchedS);
  return [
    ...lines,
    '',
    `All memory was touched after ${Math.min(...touched).toFixed(0)} to ${Math.max(...touched).toFixed(0)} s.`,
  ].join('\n');
}

function settled({ samples }: Run): { readonly savedMib: number; readonly cpu: number } {
  const last = samples.at(-1)!;
  const late = samples.filter(({ seconds }) => seconds >= last.seconds - SETTLED_S);
  const from: Sample = late[0]!;
  return {
    savedMib: late.reduce((sum, { savedMib }) => sum + savedMib, 0) / late.length,
    cpu: (last.cpuS - from.cpuS) / (last.seconds - from.seconds),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
