import { expect, it } from 'vitest';
import { pacedGuards, pacedPolicy } from '../../real-host/density/pace.ts';

it('guards forget so many times as fast, but in no less than a second', async () => {
  expect(await pacedGuards(60)).toEqual({
    recent_use: { window: '10000ms', emergency_window: '1000ms' },
    pain: { lasting: '5000ms', remembered: '60000ms' },
    rhythm: { cool_down: '1667ms', emergency_cool_down: '1000ms' },
    settle: { remembered: '60000ms' },
  });
  expect((await pacedGuards(1))['recent_use']).toEqual({ window: '600000ms', emergency_window: '60000ms' });
});

it.each([
  ['(param after 5s "not before 5s" :max 1h)', '(param after 500ms "not before 5s" :max 360000ms)'],
  ['(Host.StatDelta "rss" :over 30s) # 30s', '(Host.StatDelta "rss" :over 3000ms) # 30s'],
  ['(< age 1.5min)', '(< age 9000ms)'],
  ['(def is_5s (vm) 16MiB) (text "a \\" 5s") 5s', '(def is_5s (vm) 16MiB) (text "a \\" 5s") 500ms'],
  ['(clamp 1 5 10%)', '(clamp 1 5 10%)'],
])('the durations of %j', (text, paced) => {
  expect(pacedPolicy(text, 10)).toBe(paced);
});
