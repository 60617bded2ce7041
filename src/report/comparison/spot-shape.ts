const px = (value: number): number => Math.round(value * 10) / 10;

/** Half of the width of a spot, pixels. */
const SIZES = [8, 7, 6, 5.2, 4.6, 4];

/** Regular polygons and stars around a point: their corners as angles of a full turn and distances. */
function corners(x: number, y: number, count: number, distances: readonly number[], turn: number): string {
  const points = Array.from({ length: count }, (_, at) => {
    const angle = 2 * Math.PI * (turn + at / count);
    const distance = distances[at % distances.length]!;
    return `${px(x + Math.sin(angle) * distance)} ${px(y - Math.cos(angle) * distance)}`;
  });
  return `M${points.join('L')}z`;
}

const SHAPES: readonly ((x: number, y: number, r: number) => string)[] = [
  (x, y, r) => `M${px(x - r)} ${px(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (x, y, r) => corners(x, y, 4, [r * 1.25], 0.125),
  (x, y, r) => corners(x, y, 3, [r * 1.4], 0),
  (x, y, r) => corners(x, y, 4, [r * 1.35], 0),
  (x, y, r) => corners(x, y, 10, [r * 1.5, r * 0.65], 0),
  (x, y, r) => corners(x, y, 3, [r * 1.4], 0.5),
];

/**
 * The outline of a policy's spot: policies are told apart by shape and colour. Those that are drawn later are smaller, so that spots
 * in the same place are all seen.
 */
export function spotShape(index: number, x: number, y: number): string {
  return SHAPES[index % SHAPES.length]!(x, y, SIZES[index % SIZES.length]!);
}
