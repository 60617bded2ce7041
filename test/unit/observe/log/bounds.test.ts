import { describe, expect, it } from 'vitest';
import { toStream } from '../../../../src/observe/log/destination.ts';
import { boundedLine, MAX_LINE } from '../../../../src/observe/log/bounds.ts';
import { createLogger } from '../../../../src/observe/log/logger.ts';
import { Sink } from './sink.ts';

const line = (fields: object): string => `${JSON.stringify({ level: 'warn', time: 'T', name: 'a', ...fields })}\n`;
const read = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('a line of the log', () => {
  it('is unchanged when it is short and plain', () => {
    expect(boundedLine(line({ msg: 'ä "quoted" \\ text\n', n: [1] }))).toBe(
      line({ msg: 'ä "quoted" \\ text\n', n: [1] }),
    );
  });

  it('has no character that disguises text, and the same values', () => {
    const msg = 'a\u202eb\u0085c\u2028d\u200be\u{e0001}f\u007f';
    const bounded = boundedLine(line({ msg }));
    expect(bounded).toMatch(/^[\x20-\x7e]*\n$/);
    expect(bounded).toContain('a\\u202eb\\u0085c');
    expect(read(bounded)).toMatchObject({ msg });
  });

  it.each<[string, object]>([
    ['a long message', { msg: 'x'.repeat(4_000_000) }],
    ['a long field', { guest: 'x'.repeat(100_000), msg: 'm' }],
    ['many fields', { many: Array.from({ length: 50_000 }, (_v, at) => `text ${at}`), msg: 'm' }],
    ['a long name of a field', { ['k'.repeat(100_000)]: 1, msg: 'm' }],
    ['many escaped characters', { msg: '\u0001'.repeat(100_000) }],
    [
      'a long stack',
      { msg: 'm', err: { message: 'e'.repeat(100_000), stack: `${'e'.repeat(100_000)}\n    at f (a.ts:1:2)` } },
    ],
  ])('is cut with %s', (_, fields) => {
    const bounded = boundedLine(line(fields));
    expect(bounded.length).toBeLessThanOrEqual(MAX_LINE);
    expect(read(bounded)).toMatchObject({ level: 'warn', time: 'T', name: 'a', msg: expect.any(String) as string });
  });

  it('has no half of a pair, which pino writes as it is', () => {
    const bounded = boundedLine('{"msg":"a\ud800b😀"}\n');
    expect(bounded).toBe('{"msg":"a\\ud800b😀"}\n');
    expect(JSON.parse(bounded)).toEqual({ msg: 'a\ud800b😀' });
  });

  it('keeps the frames of a long stack', () => {
    const stack = `${'e'.repeat(100_000)}\n    at f (a.ts:1:2)`;
    expect(boundedLine(line({ msg: 'm', err: { stack } }))).toContain('at f (a.ts:1:2)');
  });
});

describe('warnings', () => {
  function open() {
    const sink = new Sink(false);
    let now = 0;
    const clock = () => now;
    const log = createLogger({ level: 'info', format: 'json', destination: toStream(sink), clock, isLimited: true });
    return {
      log: log.of('hypervisor'),
      pass: (ms: number) => (now += ms),
      texts: () => sink.lines.map((text) => String(read(text)['msg'])),
    };
  }
  const web = { guest: 'web-1', uuid: 'u1' };

  it('about one guest are left out when there are too many, and counted', () => {
    const { log, pass, texts } = open();
    for (let count = 0; count < 1000; count += 1) log.warn(web, `problem ${count}`);
    log.warn({ guest: 'db-1', uuid: 'u2' }, 'of another guest');
    log.info(web, 'Ballooning');
    expect(texts()).toHaveLength(23);
    expect(texts().slice(19)).toEqual([
      'problem 19',
      'Too many messages about guest:web-1: most of the following ones are left out',
      'of another guest',
      'Ballooning',
    ]);
    pass(10_000);
    log.error(web, 'later');
    expect(texts().slice(23)).toEqual(['980 messages about guest:web-1 were left out', 'later']);
  });

  it('of a component are limited, too', () => {
    const { log, texts } = open();
    for (let count = 0; count < 1000; count += 1) log.warn(`problem ${count}`);
    expect(texts()).toHaveLength(201);
  });

  it('that are rare are all written', () => {
    const { log, pass, texts } = open();
    for (let count = 0; count < 100; count += 1) {
      log.warn(web, `problem ${count}`);
      pass(10_000);
    }
    expect(texts()).toHaveLength(100);
  });
});
