import { describe, expect, it } from 'vitest';
import { guestState } from '../../../collectors/guest-state.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest } from '../../support/kernel.ts';

describe('guest-state', () => {
  it('returns the state by name and detects a paused guest', async () => {
    expect(await collectGuest(guestState, reading(1))).toEqual({ state: 'running', paused: false });
    expect(await collectGuest(guestState, reading(1, { state: 'paused' }))).toEqual({ state: 'paused', paused: true });
  });
});
