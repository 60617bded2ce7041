import type { PolicyFailure } from '../messages/fault.ts';
import { Entity } from '../values/entity.ts';
import type { Image } from '../image/image.ts';
import type { Value } from '../values/values.ts';
import { valueIn, type Frame, type Trace } from './frame.ts';
import { BODY, CAUSE, HEAD, PARENT, Chunk, CHUNK_SLOTS } from './chunk.ts';
import { NONE, type TraceTable } from './table.ts';

/**
 * Records an evaluation of traced code. Values are stored in slots and decoded on demand, because an object per expression would
 * cost more than the evaluation. Holds one evaluation at a time.
 */
export class Tracer {
  readonly #chunks: Chunk[] = [new Chunk(0, CHUNK_SLOTS)];
  #chunk: Chunk = this.#chunks[0] as Chunk;
  #chunksUsed = 1;
  /** The slots of the newest frame; generated code writes into them. */
  numbers = this.#chunk.numbers;
  others = this.#chunk.others;
  /** The slots of the top level. */
  topNumbers = this.numbers;
  topOthers = this.others;
  /** The address of the current frame. */
  current = NONE;
  readonly #failures: { readonly frame: number; readonly failure: PolicyFailure; readonly endsFile: boolean }[] = [];
  readonly #waits: { readonly frame: number; readonly site: number; readonly elapsedMs: number }[] = [];
  #table: TraceTable | null = null;
  #image: Image | null = null;
  /** Frame size by body. */
  #sizes = new Int32Array(0);

  /** Clears the previous evaluation. */
  begin(table: TraceTable, image: Image): void {
    for (let at = 0; at < this.#chunksUsed; at += 1) (this.#chunks[at] as Chunk).clear();
    if (image !== this.#image) this.#sizes = Int32Array.from(table.expressions, (_, id) => HEAD + table.slots(id).size);
    this.#table = table;
    this.#image = image;
    this.#failures.length = 0;
    this.#waits.length = 0;
    this.#chunksUsed = 1;
    this.#write(this.#chunks[0] as Chunk);
    this.current = NONE;
    this.#open(NONE, HEAD + table.slots(NONE).size);
    this.topNumbers = this.numbers;
    this.topOthers = this.others;
  }

  // Called by traced code

  /** Called at the start of a function body. Returns the address of its frame. */
  openCall(body: number, site: number): number {
    const base = this.#open(body, this.#sizes[body] as number);
    this.numbers[base + CAUSE] = site;
    return base;
  }

  /** Called at the start of a loop iteration. */
  openIteration(body: number, item: Value): number {
    const base = this.#open(body, this.#sizes[body] as number);
    this.others[base + CAUSE] = item;
    return base;
  }

  #open(body: number, places: number): number {
    if (this.#chunk.used + places > this.numbers.length) this.#enterChunk(places);
    const chunk = this.#chunk;
    const base = chunk.used;
    chunk.used = base + places;
    this.numbers[base + BODY] = body;
    this.numbers[base + PARENT] = this.current;
    this.current = chunk.start + base;
    return base;
  }

  #enterChunk(places: number): void {
    const { start, numbers } = this.#chunk;
    let next = this.#chunks[this.#chunksUsed];
    if (!next || next.numbers.length < places) {
      // The chunks after it would have other start addresses.
      this.#chunks.length = this.#chunksUsed;
      this.#chunks.push((next = new Chunk(start + numbers.length, Math.max(places, CHUNK_SLOTS))));
    }
    this.#chunksUsed += 1;
    this.#write(next);
  }

  /** The chunk and its slots change together: a frame's address comes from one, its values go to the others. */
  #write(chunk: Chunk): void {
    this.#chunk = chunk;
    this.numbers = chunk.numbers;
    this.others = chunk.others;
  }

  /** Records a pending `held-for`, `every` or `cooldown`. */
  waits(site: number, elapsedMs: number): void {
    this.#waits.push({ frame: this.current, site, elapsedMs });
  }

  /** Records an error that ended the body of the innermost loop over guests. */
  failGuest(failure: PolicyFailure): void {
    this.#failures.push({ frame: this.current, failure, endsFile: false });
    let frame = this.#frameAt(this.current);
    while (!(frame.item instanceof Entity && frame.item.isGuest)) frame = this.#frameAt(frame.parent);
    this.current = frame.parent;
  }

  /** Records an error that ended a file. */
  failFile(failure: PolicyFailure): void {
    this.#failures.push({ frame: this.current, failure, endsFile: true });
    this.current = 0;
  }

  // Reading

  /** The ids of the evaluated program. */
  get table(): TraceTable {
    if (this.#table === null) throw new Error('nothing has been evaluated with this tracer');
    return this.#table;
  }

  /** The frames and errors. Later evaluations do not change the result. */
  read(): Trace {
    const { table } = this;
    const frames = new Map<number, Frame & { readonly children: Frame[]; readonly elapsedMs: Map<number, number> }>();
    for (const raw of this.#frames()) {
      const { address, body, item, site } = raw;
      const parent = frames.get(raw.parent) ?? null;
      const caller = body === NONE ? NONE : site === null ? (table.parents[body] as number) : this.#idOf(site);
      const recorded = this.#values(raw, table.slots(body));
      const all = new Map([...recorded, ...this.#values(raw, table.shared(body))]);
      const frame = {
        body,
        parent,
        caller,
        item,
        children: [],
        recorded,
        elapsedMs: new Map<number, number>(),
        value: (id: number) => valueIn(table, all, id),
      };
      parent?.children.push(frame);
      frames.set(address, frame);
    }
    const at = (address: number): Frame => frames.get(address) as Frame;
    const image = this.#image as Image;
    for (const { frame, site, elapsedMs } of this.#waits) frames.get(frame)?.elapsedMs.set(this.#idOf(site), elapsedMs);
    const failures = this.#failures.map(({ frame, failure, endsFile }) => ({
      frame: at(frame),
      id: this.#idOf(failure.site),
      failure,
      span: image.span(failure.site),
      endsFile,
    }));
    return { top: at(0), frames: [...frames.values()], failures };
  }

  /** In the order of their start. */
  *#frames(): Generator<RawFrame, void> {
    for (const chunk of this.#chunks.slice(0, this.#chunksUsed)) {
      for (let base = 0; base < chunk.used;) {
        const frame = this.#frameIn(chunk, base);
        yield frame;
        base += HEAD + this.table.slots(frame.body).size;
      }
    }
  }

  #frameAt(address: number): RawFrame {
    const chunk = this.#chunks.findLast(({ start }) => start <= address) as Chunk;
    return this.#frameIn(chunk, address - chunk.start);
  }

  #frameIn(chunk: Chunk, base: number): RawFrame {
    const body = chunk.numbers[base + BODY] as number;
    const parent = chunk.numbers[base + PARENT] as number;
    const isTurn = body !== NONE && (this.table.parents[body] as number) !== NONE;
    const item = isTurn ? chunk.others[base + CAUSE] : undefined;
    return {
      address: chunk.start + base,
      chunk,
      base,
      body,
      parent,
      item,
      site: isTurn ? null : (chunk.numbers[base + CAUSE] as number),
    };
  }

  #values({ chunk, base }: RawFrame, slots: ReadonlyMap<number, number>): ReadonlyMap<number, Value> {
    const values = new Map<number, Value>();
    for (const [id, slot] of slots) {
      const value = chunk.value(base + HEAD + slot);
      if (value !== undefined) values.set(id, value);
    }
    return values;
  }

  #idOf(site: number): number {
    return this.table.idAt((this.#image as Image).span(site)) ?? NONE;
  }
}

interface RawFrame {
  readonly address: number;
  readonly chunk: Chunk;
  readonly base: number;
  readonly body: number;
  /** Its address. */
  readonly parent: number;
  readonly item: Value | undefined;
  /** null: no call. */
  readonly site: number | null;
}
