import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;
/** Of the header: 8 bits for each part of a pixel, and which parts there are. */
const PARTS_OF_TYPE: Readonly<Record<number, number>> = { 2: 3, 6: 4 };
const PALETTE_TYPE = 3;

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** Pixels as 0xRRGGBB, row by row. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly colours: Uint32Array;
}

/**
 * The same picture with at most 256 colours, which takes a third of the bytes, and a text that {@link textIn} finds.
 * @throws Error for a PNG of another kind than Chromium writes
 */
export function smallPng(png: Buffer, keyword: string, text: string): Buffer {
  const { width, height, colours } = pixelsOf(png);
  const { palette, indexOf } = paletteOf(colours);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf(colours[y * width + x]!);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, PALETTE_TYPE], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk({ type: 'IHDR', data: header }),
    chunk({ type: 'tEXt', data: Buffer.from(`${keyword}\0${text}`, 'latin1') }),
    chunk({ type: 'PLTE', data: Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255])) }), // prettier-ignore
    chunk({ type: 'IDAT', data: deflateSync(rows, { level: 9, memLevel: 9 }) }),
    chunk({ type: 'IEND', data: Buffer.alloc(0) }),
  ]);
}

/** The text with this keyword; null: there is none. */
export function textIn(png: Buffer, keyword: string): string | null {
  const texts = chunksOf(png).filter(({ type }) => type === 'tEXt').map(({ data }) => data.toString('latin1').split('\0')); // prettier-ignore
  return texts.find(([name]) => name === keyword)?.[1] ?? null;
}

function chunk({ type, data }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function chunksOf(png: Buffer): readonly Chunk[] {
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('this is no PNG');
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function pixelsOf(png: Buffer): Pixels {
  const chunks = chunksOf(png);
  const header = chunks[0]!.data;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [bits, type, , , interlace] = header.subarray(8);
  const parts = PARTS_OF_TYPE[type!];
  if (bits !== 8 || parts === undefined || interlace !== 0) throw new Error('a PNG of this kind cannot be read');
  const packed = Buffer.concat(chunks.filter((each) => each.type === 'IDAT').map(({ data }) => data));
  const bytes = unfiltered(inflateSync(packed), width * parts, height, parts);
  const colours = Uint32Array.from({ length: width * height }, (_none, at) => bytes.readUIntBE(at * parts, 3));
  return { width, height, colours };
}

/** Each row begins with the number of the filter that was applied to it: see the PNG specification, section 9. */
function unfiltered(rows: Buffer, stride: number, height: number, parts: number): Buffer {
  const bytes = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)]!;
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= parts ? bytes[at - parts]! : 0;
      const above = y > 0 ? bytes[at - stride]! : 0;
      const corner = x >= parts && y > 0 ? bytes[at - stride - parts]! : 0;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter]!;
      bytes[at] = rows[y * (stride + 1) + 1 + x]! + guess;
    }
  }
  return bytes;
}

function paeth(left: number, above: number, corner: number): number {
  const [toLeft, toAbove, toCorner] = [above - corner, left - corner, left + above - 2 * corner].map(Math.abs);
  if (toLeft! <= toAbove! && toLeft! <= toCorner!) return left;
  return toAbove! <= toCorner! ? above : corner;
}

/** The most frequent colours; each other one becomes the nearest of them. */
function paletteOf(colours: Uint32Array) {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts].toSorted(([, one], [, other]) => other - one).slice(0, COLOURS).map(([colour]) => colour); // prettier-ignore
  const indexes = new Map(palette.map((colour, index) => [colour, index]));
  const indexOf = (colour: number): number => {
    let index = indexes.get(colour);
    if (index === undefined) {
      const distances = palette.map((other) => distance(colour, other));
      index = distances.indexOf(Math.min(...distances));
      indexes.set(colour, index);
    }
    return index;
  };
  return { palette, indexOf };
}

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
}
