const R = 5.5;

const px = (value: number): number => Math.round(value * 10) / 10;

/** Regular polygons and stars around a point: their corners as angles of a full turn and distances. */
function corners(x: number, y: number, count: number, distances: readonly number[], turn: number): string {
  const points = Array.from({ length: count }, (_, at) => {
    const angle = 2 * Math.PI * (turn + at / count);
    const distance = distances[at % distances.length]!;
    return `${px(x + Math.sin(angle) * distance)} ${px(y - Math.cos(angle) * distance)}`;
  });
  return `M${points.join('L')}z`;
}

const SHAPES: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `M${px(x - R)} ${px(y)}a${R} ${R} 0 1 0 ${2 * R} 0a${R} ${R} 0 1 0 ${-2 * R} 0z`,
  (x, y) => corners(x, y, 4, [R * 1.25], 0.125),
  (x, y) => corners(x, y, 3, [R * 1.4], 0),
  (x, y) => corners(x, y, 4, [R * 1.35], 0),
  (x, y) => corners(x, y, 10, [R * 1.5, R * 0.65], 0),
  (x, y) => corners(x, y, 3, [R * 1.4], 0.5),
];

/** The outline of a policy's spot: policies are told apart by shape and colour. */
export function spotShape(index: number, x: number, y: number): string {
  return SHAPES[index % SHAPES.length]!(x, y);
}
