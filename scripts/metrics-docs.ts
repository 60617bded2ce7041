import { METRIC_GROUPS, METRIC_LIST } from '../src/metrics/table.ts';

const BEGIN = '<!-- metrics: written by npm run generate, do not edit -->';
const END = '<!-- metrics: end -->';

/** Returns docs/metrics.md with its tables regenerated from the table of metrics; the rest is unchanged. */
export function withCurrentMetrics(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/metrics.md needs the lines ${BEGIN} and ${END}`);
  const tables = Object.entries(METRIC_GROUPS).map(([group, title]) => table(group, title));
  return `${page.slice(0, begin)}${BEGIN}\n\n${tables.join('\n')}\n${page.slice(end)}`;
}

function table(group: string, title: string): string {
  const rows = METRIC_LIST.filter(([, decl]) => decl.group === group).map(([name, { type, labels, help, buckets }]) => {
    const bounds = buckets === undefined ? '' : ` Buckets: ${buckets.join(', ')}.`;
    const shown = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')}.${bounds} |`;
  });
  return [`### ${title}`, '', '| Metric | Type | Labels | Meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}
