import type { PlaybackError } from '../../simulation/import/recording/playback.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { table } from '../support/table.ts';
import { size } from '../support/units.ts';

const TITLES: Readonly<Record<PlaybackError['what'], string>> = {
  size: 'size of a guest',
  resident: 'resident memory of a guest',
  free: 'free memory of the host',
};

/** How far the model is from the recording. */
export function errorTable(errors: readonly PlaybackError[]): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [
    { title: 'simulated as recorded, off by', align: 'left' as const },
    ...['on average', 'of its memory', '95 % within', 'bias'].map(right),
  ];
  const rows = errors.map(({ what, meanKib, p95Kib, biasKib, meanShare }) => [
    TITLES[what],
    size(meanKib),
    `${(meanShare * 100).toFixed(1)} %`,
    size(p95Kib),
    `${biasKib < 0 ? '-' : '+'}${size(Math.abs(biasKib))}`,
  ]);
  return `${table(columns, rows)}\n`;
}

/** The same as a line of JSON. */
export function errorJson({ name }: Scenario, errors: readonly PlaybackError[]): string {
  const model = Object.fromEntries(
    errors.map(({ what, meanKib, p95Kib, biasKib, meanShare }) => [
      what,
      {
        mean_kib: Math.round(meanKib),
        p95_kib: Math.round(p95Kib),
        bias_kib: Math.round(biasKib),
        mean_share: meanShare,
      },
    ]),
  );
  return `${JSON.stringify({ recording: name, model_error: model })}\n`;
}
