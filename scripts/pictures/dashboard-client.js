/* global document, uPlot, DRAWING */
// Runs in the browser: draws the panels of a Drawing (dashboard-page.ts) with uPlot, which Grafana draws with too.

/** Distinguishable with colour blindness first. */
const COLOURS = ['#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7b5ea7', '#a08000', '#8c564b', '#666666', '#17a2a2']; // prettier-ignore
/** Those that the dashboard names. */
const NAMED = { red: '#d5382f', green: '#1f8f4d', orange: '#e07b00', blue: '#0072b2', transparent: 'transparent' };
const FONT = '11px "DejaVu Sans", sans-serif';
const GREY = '#6b7280';
const GRID = { stroke: '#e6e8eb', width: 1 };
const TIME_AXIS = {
  stroke: GREY,
  grid: GRID,
  ticks: { show: false },
  values: (_plot, times) => times.map(clockTime),
  size: 22,
  font: FONT,
  space: 60,
};
const { panels, annotations, startS, endS, stepS } = DRAWING;
const TIMES = Array.from({ length: Math.round((endS - startS) / stepS) + 1 }, (_none, at) => startS + at * stepS);

for (const panel of panels) {
  const { x, y, w, h } = panel.gridPos;
  const section = element(document.body, 'section', panel.type);
  section.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
  if (panel.type === 'row') section.textContent = panel.title;
  else {
    element(section, 'h2').textContent = panel.title;
    const drawPanel = { stat, table, timeseries, 'state-timeline': timeline }[panel.type];
    drawPanel(section, panel);
  }
}

function element(parent, name, className = '') {
  const made = parent.appendChild(document.createElement(name));
  made.className = className;
  return made;
}

function stat(section, { series, defaults }) {
  for (const { values } of series) {
    const value = values.at(-1)[1];
    const mapped = defaults.mappings?.[0]?.options[value];
    const step = defaults.thresholds.steps.findLast((each) => each.value === null || value >= each.value);
    const shown = element(section, 'div', 'value');
    shown.textContent = mapped?.text ?? show(value, defaults.unit);
    shown.style.color = NAMED[mapped?.color ?? step.color];
  }
}

function table(section, { series, columns }) {
  const rows = element(section, 'table');
  const head = element(rows, 'tr');
  for (const [, title] of columns) element(head, 'th').textContent = title;
  for (const { labels } of series) {
    const row = element(rows, 'tr');
    for (const [label] of columns) element(row, 'td').textContent = labels[label] ?? '';
  }
}

function timeseries(section, { series, defaults }) {
  const place = element(section, 'div', 'plot');
  const legend = element(section, 'div', 'legend');
  const colours = series.map(
    ({ properties }, at) => NAMED[properties.color?.fixedColor] ?? COLOURS[at % COLOURS.length],
  );
  for (const [at, { name, properties }] of series.entries()) {
    const entry = element(legend, 'span');
    const mark = element(entry, 'i');
    mark.style.borderTopColor = colours[at];
    mark.style.borderTopStyle = properties['custom.lineStyle'] === undefined ? 'solid' : 'dotted';
    entry.append(name);
  }
  const isStacked = defaults.custom.stacking.mode === 'normal';
  const courses = series.map(({ values }) => course(values));
  const shown = isStacked ? stacked(courses) : courses;
  const isRight = series.map(({ properties }) => properties['custom.axisPlacement'] === 'right');
  const right = series[isRight.indexOf(true)]?.properties;
  const { width, height } = place.getBoundingClientRect();
  const lines = shown.map((_course, at) => {
    const { 'custom.lineStyle': style, 'custom.fillOpacity': own } = series[at].properties;
    const opacity = own ?? defaults.custom.fillOpacity;
    return {
      scale: isRight[at] ? 'right' : 'y',
      stroke: colours[at],
      width: 1.5,
      dash: style?.dash,
      fill: opacity > 0 && !isStacked ? transparent(colours[at], opacity) : undefined,
      points: { show: false },
    };
  });
  const order = isStacked ? shown.map((_course, at) => shown.length - 1 - at) : shown.map((_course, at) => at);
  draw(
    {
      width,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        y: { range: (_plot, least, most) => rangeOf(least, most, defaults) },
        right: { range: () => [right?.min ?? 0, right?.max ?? 1] },
      },
      axes: [
        TIME_AXIS,
        {
          stroke: GREY,
          grid: GRID,
          ticks: { show: false },
          values: (_plot, values) => values.map((value) => show(value, defaults.unit)),
          incrs: incrementsOf(defaults.unit),
          size: 58,
          font: FONT,
          space: 28,
        },
        ...(right === undefined
          ? []
          : [
              {
                scale: 'right',
                side: 1,
                stroke: GREY,
                grid: { show: false },
                ticks: { show: false },
                values: (_plot, values) => values.map((value) => show(value, right.unit)),
                size: 42,
                font: FONT,
              },
            ]),
      ],
      series: [
        {},
        ...order.map((at) =>
          isStacked ? { ...lines[at], fill: transparent(colours[at], defaults.custom.fillOpacity) } : lines[at],
        ),
      ],
      // A stacked area covers those below it only between its own edges.
      bands: isStacked ? order.slice(0, -1).map((_at, index) => ({ series: [index + 1, index + 2] })) : [],
      hooks: { draw: [drawAnnotations] },
    },
    [TIMES, ...order.map((at) => shown[at])],
    place,
  );
}

/** uPlot draws when it is made. */
function draw(options, data, place) {
  return new uPlot(options, data, place);
}

function drawAnnotations(plot) {
  const { ctx, bbox } = plot;
  for (const { timeS } of annotations.filter((each) => each.timeS > startS + 120)) {
    const x = plot.valToPos(timeS, 'x', true);
    ctx.save();
    ctx.strokeStyle = '#8e44ad';
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }
}

function timeline(section, { series, defaults }) {
  const place = element(section, 'div', 'plot');
  const { width, height } = place.getBoundingClientRect();
  const left = Math.min(width * 0.6, Math.max(...series.map(({ name }) => name.length)) * 6.6 + 8);
  const { options } = defaults.mappings[0];
  const rowHeight = Math.min(30, (height - 22) / series.length);
  draw(
    {
      width,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: [0, 1] } },
      axes: [TIME_AXIS, { show: true, size: left, values: () => [], grid: { show: false }, ticks: { show: false } }],
      series: [{}, { show: false }],
      hooks: {
        draw: [
          (plot) => {
            const { ctx, bbox } = plot;
            const scale = bbox.width / plot.over.clientWidth;
            ctx.save();
            ctx.font = `${11 * scale}px "DejaVu Sans", sans-serif`;
            ctx.textBaseline = 'middle';
            for (const [at, { name, values }] of series.entries()) {
              const top = bbox.top + at * rowHeight * scale;
              const middle = top + (rowHeight * scale) / 2;
              ctx.fillStyle = '#24292f';
              ctx.textAlign = 'right';
              ctx.fillText(name, bbox.left - 6 * scale, middle);
              ctx.textAlign = 'left';
              for (const [from, to, value] of spansOf(values)) {
                const state = options[value] ?? { text: String(value), color: 'transparent' };
                const [begins, ends] = [from, to].map((time) => plot.valToPos(time, 'x', true));
                ctx.fillStyle = NAMED[state.color];
                ctx.fillRect(
                  begins,
                  top + rowHeight * scale * 0.1,
                  Math.max(2, ends - begins),
                  rowHeight * scale * 0.8,
                );
                ctx.fillStyle = '#fff';
                if (ctx.measureText(state.text).width < ends - begins - 8)
                  ctx.fillText(state.text, begins + 4 * scale, middle);
              }
            }
            ctx.restore();
          },
        ],
      },
    },
    [TIMES, TIMES.map(() => null)],
    place,
  );
}

/** Where a state begins and ends. */
function spansOf(values) {
  const spans = [];
  for (const [time, value] of values) {
    const last = spans.at(-1);
    if (last !== undefined && last[2] === value && time - last[1] <= stepS) last[1] = Math.min(time + stepS, endS);
    else spans.push([time, Math.min(time + stepS, endS), value]);
  }
  return spans;
}

/** The values at all times; null where there is none. */
function course(values) {
  const known = new Map(values);
  return TIMES.map((time) => known.get(time) ?? null);
}

function stacked(courses) {
  const sums = TIMES.map(() => 0);
  return courses.map((values) => values.map((value, at) => (sums[at] += value ?? 0)));
}

function rangeOf(least, most, { min, unit }) {
  const lowest = min ?? Math.min(least ?? 0, 0);
  const highest = Math.max(most ?? 0, lowest + (unit === 'bytes' ? 1024 ** 2 : unit === 's' ? 0.001 : 1));
  return [lowest < 0 ? lowest * 1.1 : lowest, highest * 1.08];
}

/** Steps of an axis: full units. */
function incrementsOf(unit) {
  if (unit !== 'bytes') return undefined;
  return Array.from({ length: 45 }, (_none, at) => 2 ** at);
}

/** A value with a unit of Grafana. */
function show(value, unit) {
  const short = (number) => String(Number(number.toPrecision(3)));
  if (unit === 'bytes') {
    const power = Math.max(0, Math.min(4, Math.floor(Math.log2(Math.abs(value) || 1) / 10)));
    return `${short(value / 1024 ** power)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
  }
  if (unit === 'percentunit') return `${short(value * 100)} %`;
  if (unit === 's') return value !== 0 && Math.abs(value) < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
  if (unit === 'opm') return `${short(value)}/min`;
  return short(value);
}

function clockTime(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

function transparent(colour, percent) {
  return `${colour}${Math.round((percent / 100) * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
