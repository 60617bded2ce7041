import { describe, expect, it } from 'vitest';
import { parsePressure } from '../../../src/host/pressure.ts';

const SOME = 'some avg10=1.25 avg60=0.80 avg300=0.31 total=987654321';

describe('a pressure file', () => {
  it('has shares and totals', () => {
    expect(parsePressure('/p', `${SOME}\nfull avg10=0.50 avg60=0 avg300=0.10 total=7\n`)).toEqual({
      some: { avg10: 1.25, avg60: 0.8, avg300: 0.31, total: 987654321 },
      full: { avg10: 0.5, avg60: 0, avg300: 0.1, total: 7 },
    });
  });

  it('may lack either line and may have unknown lines', () => {
    expect(parsePressure('/p', `${SOME}\n`).full).toBeUndefined();
    expect(parsePressure('/p', 'most avg10=3\n')).toEqual({});
    expect(parsePressure('/p', '')).toEqual({});
  });

  it('is an error with file and line when a value is invalid', () => {
    expect(() => parsePressure('/p', `${SOME}\nfull avg10=high avg60=0 avg300=0 total=0`)).toThrow(
      '/p:2: expected avg10= in percent, found "full avg10=high',
    );
    expect(() => parsePressure('/p', 'some avg10=0.1')).toThrow('/p:1: expected total=');
    expect(() => parsePressure('/p', 'some avg10=0.1 avg60=0 avg300=0 total=1.5')).toThrow(
      '/p:1: expected a whole number, found "1.5"',
    );
  });
});
