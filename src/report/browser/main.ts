// The script of a report: a cursor in all charts, with the figures and decisions at its time. Without it, a report can be read too.
import { addCells } from './cells.ts';
import { nextDecision, readChart, textAt, type ChartData } from './charts.ts';
import { addSpots } from './spots.ts';

const DAY_MS = 86_400_000;

/** How the times of charts are told: with their day in a zone, or since the start of a simulation. */
function clockOf({ clock, zone, width }: DOMStringMap): (ms: number) => string {
  if (clock !== 'virtual') {
    const format = new Intl.DateTimeFormat('en-GB', {
      ...{ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' },
      ...{ hourCycle: 'h23', timeZone: zone },
    });
    return (ms) => format.format(ms);
  }
  return (ms) => {
    const day = Number(width) > DAY_MS ? `day ${Math.floor(ms / DAY_MS) + 1}, ` : '';
    return `${day}${new Date(ms).toISOString().slice(11, 19)}`;
  };
}

function addCursor(figure: HTMLElement): void {
  // Charts of one time axis show the same time.
  const scope = figure.closest<HTMLElement>('[data-from]') ?? document.body;
  const [fromMs, spanMs] = [Number(scope.dataset['from']), Number(scope.dataset['width'])];
  const clock = clockOf(scope.dataset);
  const plot = figure.querySelector<HTMLElement>('.plot');
  const now = figure.querySelector<HTMLElement>('.now');
  if (plot === null || now === null) return;
  const bucketMs = Number(figure.dataset['w']);
  const note = [...now.childNodes];
  let data: ChartData | null = null;
  let at = 0;

  const show = (bucket: number): void => {
    data ??= readChart(figure);
    at = Math.max(0, Math.min(data.count - 1, bucket));
    const timeMs = fromMs + at * bucketMs;
    const text = `${clock(timeMs)}: ${textAt(data, at)}`;
    now.textContent = text;
    plot.setAttribute('aria-valuenow', String(at));
    plot.setAttribute('aria-valuetext', text);
    const middle = Math.min(1, ((at + 0.5) * bucketMs) / spanMs);
    scope.style.setProperty('--at', `${(middle * 100).toFixed(2)}%`);
    scope.classList.add('cursor');
  };
  const hide = (): void => {
    now.replaceChildren(...note);
    scope.classList.remove('cursor');
  };
  const keys: Readonly<Record<string, () => number | null>> = {
    ArrowLeft: () => at - 1,
    ArrowDown: () => at - 1,
    ArrowRight: () => at + 1,
    ArrowUp: () => at + 1,
    Home: () => 0,
    End: () => Infinity,
    PageUp: () => nextDecision((data ??= readChart(figure)), at, -1),
    PageDown: () => nextDecision((data ??= readChart(figure)), at, 1),
  };

  plot.tabIndex = 0;
  plot.setAttribute('role', 'slider');
  plot.setAttribute('aria-label', plot.dataset['label'] ?? '');
  plot.setAttribute('aria-valuemin', '0');
  plot.setAttribute('aria-valuemax', String(Number(figure.dataset['n']) - 1));
  plot.setAttribute('aria-valuenow', '0');
  plot.setAttribute('aria-valuetext', now.textContent ?? '');
  plot.querySelector('svg')?.setAttribute('aria-hidden', 'true');

  const follow = ({ clientX }: PointerEvent): void => {
    const { left, width: pixels } = plot.getBoundingClientRect();
    show(Math.floor((((clientX - left) / pixels) * spanMs) / bucketMs));
  };
  plot.addEventListener('pointermove', follow);
  plot.addEventListener('pointerdown', follow);
  plot.addEventListener('pointerleave', ({ pointerType }) => {
    // A finger that was lifted leaves what it has shown.
    if (pointerType === 'mouse' && document.activeElement !== plot) hide();
  });
  plot.addEventListener('focus', () => show(at));
  plot.addEventListener('blur', hide);
  plot.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') return plot.blur();
    const to = keys[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to() ?? at);
  });
}

for (const figure of document.querySelectorAll<HTMLElement>('figure.chart')) addCursor(figure);
for (const figure of document.querySelectorAll<HTMLElement>('figure.gain-pain')) addSpots(figure);
for (const table of document.querySelectorAll<HTMLTableElement>('table.measures')) addCells(table);
