import { HELD_OUT, SCENARIOS } from '../comparison/set.ts';

/** Scenarios that are one question, and have one mean. */
export interface Family {
  readonly title: string;
  readonly scenarios: readonly string[];
}

/** All that is packed. No policy was made or tuned with the last family. */
export const FAMILIES: readonly Family[] = [
  { title: 'Hours of the day', scenarios: ['filled-150', 'nightly-batch', 'office-hours'] },
  { title: 'Bursts', scenarios: ['builders', 'faster-than-relief', 'noisy-neighbour'] },
  { title: 'One image', scenarios: ['boot-storm', 'one-image'] },
  { title: 'Guests that lie, leak or do not follow', scenarios: ['leak', 'liars', 'stuck-balloons'] },
  { title: 'Nothing happens', scenarios: ['quiet-day'] },
  { title: 'Held-out', scenarios: HELD_OUT },
];

/** They differ from filled-150 only in how many guests they have, which is what is looked for. */
const SAME_QUESTION: readonly string[] = ['filled-95', 'filled-120', 'filled-200'];

/** Scenarios in no family, though they should be. */
export const FORGOTTEN = SCENARIOS.filter(
  (name) => !SAME_QUESTION.includes(name) && !FAMILIES.some(({ scenarios }) => scenarios.includes(name)),
);

/** Long scenarios are simulated only so far, hours, and why nothing of their story is lost. */
export const SHORTENED: ReadonlyMap<string, { readonly hours: number; readonly why: string }> = new Map([
  ['filled-150', { hours: 12, why: 'the peak of the night, the morning, and the peak of the day until noon' }],
  ['office-hours', { hours: 11, why: 'all desktops have woken up by ten' }],
  ['quiet-day', { hours: 3, why: 'every hour is like the others' }],
  ['one-image', { hours: 3, why: 'every hour is like the others, once KSM is through' }],
  ['anti-phase', { hours: 11, why: 'the night, the change in the morning, and the first hours of the day' }],
  ['ci-runners', { hours: 12, why: 'two of the five pushes, which are alike' }],
  ['reporting', { hours: 15, why: 'the afternoon has been busy for two hours' }],
  ['time-of-day', { hours: 30, why: 'a whole day, and the second night, when policies know the first one' }],
  ['web-farm', { hours: 12, why: 'the peak of the day has lasted for two hours' }],
]);

export interface PackingSet {
  readonly families: readonly Family[];
  /** The first is the one that the others are compared with. */
  readonly policies: readonly string[];
  readonly seeds: number;
}

export const SET: PackingSet = {
  families: FAMILIES,
  policies: [
    ...['balanced+ksm-budget', 'none', 'mom-balloon+mom-ksm', 'ksmtuned', 'proxmox+ksmtuned'],
    ...['squeezed', 'esx+ksmtuned', 'senpai', 'qemus'],
  ],
  seeds: 3,
};

/** How long it takes on two CPUs when nothing is known, minutes: for the reader of the page. */
export const TAKES_MIN = 50;
