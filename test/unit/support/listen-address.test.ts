import { describe, expect, it } from 'vitest';
import { addressText, METRICS, parseAddress as parse } from '../../../src/support/listen-address.ts';

const parseAddress = (text: string) => parse(text, METRICS);

describe('an address to listen on', () => {
  it.each([
    ['unix:/run/ballast/metrics.sock', { kind: 'unix', path: '/run/ballast/metrics.sock' }],
    ['unix:metrics.sock', { kind: 'unix', path: 'metrics.sock' }],
    ['127.0.0.1:9776', { kind: 'tcp', host: '127.0.0.1', port: 9776 }],
    ['127.8.8.8:1', { kind: 'tcp', host: '127.8.8.8', port: 1 }],
    ['[::1]:65535', { kind: 'tcp', host: '::1', port: 65_535 }],
  ])('%s', (text, value) => {
    expect(parseAddress(text)).toEqual({ value });
    expect(addressText((parseAddress(text) as { value: Parameters<typeof addressText>[0] }).value)).toBe(text);
  });

  it('is 127.0.0.1 for localhost, whatever /etc/hosts says', () => {
    expect(parseAddress('localhost:80')).toEqual({ value: { kind: 'tcp', host: '127.0.0.1', port: 80 } });
  });

  it.each([
    '0.0.0.0:9776',
    ':9776',
    '[::]:9776',
    '192.168.1.5:9776',
    '10.0.0.1:9776',
    '127.0.0.256:9776',
    '127.1:9776',
    '0x7f.0.0.1:9776',
    '[::ffff:127.0.0.1]:9776',
    'host.example:9776',
    '127.0.0.1.example:9776',
    '*:9776',
  ])('is not %s, which may be open to other machines', (text) => {
    expect(parseAddress(text)).toEqual({
      problem: `"${text}" could be reached from other machines, and the metrics have no password; write 127.0.0.1:9776, "[::1]:9776" or unix:PATH, and let a proxy with TLS pass it on`,
    });
  });

  it.each([
    ['', '"" is not "unix:PATH", "127.0.0.1:PORT" or "[::1]:PORT"'],
    ['127.0.0.1', '"127.0.0.1" is not "unix:PATH", '],
    ['9776', '"9776" is not '],
    ['::1:9776', '"::1:9776" is not '],
    ['http://127.0.0.1:9776/metrics', 'is not "unix:PATH"'],
    ['127.0.0.1:0', '"127.0.0.1:0": 0 is not a port; ports are 1 to 65535'],
    ['127.0.0.1:65536', '65536 is not a port'],
    ['127.0.0.1:-1', 'is not "unix:PATH"'],
    ['unix:', '"unix:" has no path'],
    ['unix:/a\nb', 'a path cannot have a line break'],
    [`unix:/${'a'.repeat(107)}`, 'at most 107 bytes, and this one has 108'],
    [`unix:/${'é'.repeat(60)}`, 'at most 107 bytes, and this one has 121'],
    ['x'.repeat(100_000), 'is 100000 characters long'],
  ])('is not %j', (text, problem) => {
    expect(parseAddress(text)).toEqual({ problem: expect.stringContaining(problem) });
  });
});
