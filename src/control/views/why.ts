import { decide } from '../../engine/decide.ts';
import type { GuestRef } from '../../model/control.ts';
import type { Action, Held, Outcome } from '../../model/decision.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import type { ShadowGuest } from '../../model/shadow.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { positionText } from '../../observe/log-fields.ts';
import { Tracer, type EvaluateOptions } from '../../policy/index.ts';
import { suggest } from '../../support/suggest.ts';
import { explain } from '../../tooling/explain/explain.ts';
import { renderExplanation } from '../../tooling/explain/render.ts';
import { inUnit, shown } from '../../tooling/explain/show.ts';
import { controlUnit } from '../../tooling/explain/units.ts';
import type { Why, WhyQuery } from '../api/guests.ts';
import type { KeptEvaluation } from '../kept/evaluations.ts';
import type { Kept, KeptOutcome } from '../kept/kept.ts';
import { askedBy } from './history.ts';
import { excludedText, refOf, timeText } from './plain.ts';

/** What an explanation needs besides what is kept. */
export interface WhyFacts {
  readonly vocabulary: Vocabulary;
  readonly evaluate: EvaluateOptions;
  readonly nowMs: number;
  /** Why nothing is written at all; null: it is. */
  readonly stopped: string | null;
  /** Why nothing is written to a guest, or the host; null: it is. */
  readonly paused: (guest: GuestRef | null) => string | null;
  /** Where the balloon of a guest would differ most with the shadow; null: nowhere, or there is none. */
  readonly shadowOf: (uuid: string) => ShadowGuest | null;
  /** false: `ballast record`. */
  readonly hasPolicy: boolean;
}

/** The guest does not run, and is not remembered. */
export interface UnknownGuest {
  readonly unknown: string;
}

/** Why a guest, or the host, was changed or left alone: a sentence, further facts, and the path through the policy. */
export function whyOf(kept: Kept, { guest: wanted, at }: WhyQuery, facts: WhyFacts): Why | UnknownGuest {
  const guest = wanted === undefined ? null : guestNamed(kept, wanted);
  if (guest !== null && 'unknown' in guest) return guest;
  const atMs = at === undefined ? Math.max(facts.nowMs, kept.last?.report.snapshot.timeMs ?? 0) : Date.parse(at);
  const evaluation = kept.evaluations.at(atMs);
  const isNow = at === undefined;
  const lastWrite = lastWriteTo(kept, guest, atMs);
  const stops = isNow ? [facts.stopped, facts.paused(guest)].filter((why) => why !== null) : [];
  const own = { kept, guest, evaluation, lastWrite, stops, isNow, facts };
  return {
    guest: refOf(guest),
    time: evaluation === null ? null : timeText(evaluation.timeMs),
    conclusion: conclusionOf(own, atMs),
    facts: factsOf(own, atMs),
    explanation: evaluation === null || isAbsent(evaluation, guest) ? null : explanationOf(evaluation, guest, facts),
  };
}

interface Question {
  readonly kept: Kept;
  readonly guest: GuestRef | null;
  readonly evaluation: KeptEvaluation | null;
  readonly lastWrite: KeptOutcome | null;
  /** Why nothing is written now. */
  readonly stops: readonly string[];
  readonly isNow: boolean;
  readonly facts: WhyFacts;
}

function conclusionOf(question: Question, atMs: number): string {
  const { kept, guest, evaluation, stops, isNow, facts } = question;
  const whom = guest === null ? 'the host' : `guest ${safeGuestName(guest.name)}`;
  const excluded = isNow && guest !== null ? problemOf(kept, guest) : null;
  if (stops.length > 0) return `Nothing is written to ${whom}: ${stops.join('; ')}`;
  if (!facts.hasPolicy) return `Nothing is written to ${whom}: this daemon only records`;
  if (excluded === GONE) return `${capital(whom)} ${GONE}`;
  if (excluded !== null) return `${capital(whom)} is excluded from policy evaluation: ${excluded}`;
  if (evaluation === null)
    return `No evaluation at or before ${timeText(atMs).replace(/\.999Z$/, 'Z')} is remembered: ${rangeText(kept)}`;
  if (isAbsent(evaluation, guest))
    return `${capital(whom)} was not in the evaluation of ${timeText(evaluation.timeMs)}`;
  const { judgement, outcomes } = evaluation;
  const { decision, plan } = judgement;
  const isOwn = (other: { readonly guest: GuestRef | null }): boolean => other.guest?.uuid === guest?.uuid;
  const parts = [
    ...outcomes
      .filter(({ action }) => isOwn(action))
      .map((outcome) => writeText({ timeMs: evaluation.timeMs, outcome }, facts.vocabulary)),
    ...plan.held.filter(isOwn).map((held) => heldText(held, facts.vocabulary)),
    ...decision.errors
      .filter((error) => isOwn(error) || error.guest === null)
      .map(({ position, message }) => `the policy failed at ${positionText(position)}: ${message}`),
  ];
  if (parts.length > 0) return capital(parts.join('; '));
  const asked = decision.requests.filter(isOwn).length > 0;
  return asked
    ? `What the policies requested for ${whom} led to no write`
    : `Nothing was changed: no policy and no guard requested a change of ${whom}`;
}

function writeText({ outcome }: KeptOutcome, vocabulary: Vocabulary): string {
  const { action, status, detail } = outcome;
  const { control, reason, position } = action;
  const unit = controlUnit(vocabulary, control);
  const [message, ...notes] = [action.message, ...action.notes].map((text) => inUnit(text, unit));
  const by = askedBy(action);
  const whose =
    by === 'policy' ? `at ${positionText(position)}` : by === 'Ballast' ? 'by Ballast' : `by the guard ${by}`;
  const what =
    status === 'done' ? message : `${message}: ${STATUS[status] ?? status}${detail === null ? '' : `: ${detail}`}`;
  return [what, `requested ${whose}`, ...(reason === null ? [] : [`reason: ${reason}`]), ...notes].join(', ');
}

const STATUS: Partial<Record<Outcome['status'], string>> = {
  'dry-run': 'not written, this is a dry run',
  pending: 'libvirt has not answered yet',
};

function heldText({ kind, control, wanted, guard, why }: Held, vocabulary: Vocabulary): string {
  const unit = controlUnit(vocabulary, control);
  const what = `the request for ${control} ${shown(wanted, unit)}`;
  const because = inUnit(why, unit);
  if (kind === 'unchanged') return `${what} changed nothing: ${because}`;
  return `${what} was held back${guard === undefined ? '' : ` by the guard ${guard}`}: ${because}`;
}

function factsOf(
  { kept, guest, evaluation, lastWrite, stops, isNow, facts: { vocabulary, shadowOf } }: Question,
  atMs: number,
): string[] {
  const facts: string[] = [];
  if (lastWrite === null) {
    const since = kept.decisions.completeSinceMs;
    if (since !== null) facts.push(`no write to it is remembered; writes are remembered from ${timeText(since)} on`);
  } else if (stops.length > 0 || lastWrite.timeMs !== evaluation?.timeMs)
    // Otherwise the conclusion is about it.
    facts.push(`last write, ${timeText(lastWrite.timeMs)}: ${writeText(lastWrite, vocabulary)}`);
  if (isNow) {
    for (const { guard, text, guest: of } of kept.last?.report.conditions?.() ?? [])
      if (of?.uuid === guest?.uuid) facts.push(`${guard}: ${text}`);
    facts.push(...reliefsOf(kept, guest, vocabulary));
    const shadow = guest === null ? null : shadowOf(guest.uuid);
    if (shadow !== null) facts.push(shadowText(shadow, vocabulary));
  }
  for (const hold of kept.holds.hour.entries) {
    const { held, firstMs, lastMs, times } = hold;
    if (held.guest?.uuid !== guest?.uuid || lastMs < atMs - RECENT_MS || firstMs > atMs) continue;
    if (times > 1) facts.push(`${times} times since ${timeText(firstMs)}: ${heldText(held, vocabulary)}`);
  }
  return facts.slice(0, MOST_FACTS);
}

function shadowText({ differing, largest }: ShadowGuest, vocabulary: Vocabulary): string {
  const unit = controlUnit(vocabulary, largest.control);
  const [policy, shadow] = [shown(largest.policy, unit), shown(largest.shadow, unit)];
  const times = differing === 1 ? 'once' : `${differing} times`;
  return `the shadow decided otherwise ${times}, most at ${timeText(largest.timeMs)}: ${largest.control} ${shadow} instead of ${policy}`;
}

/** What a guard did since the last evaluation. */
function reliefsOf({ judgements }: Kept, guest: GuestRef | null, vocabulary: Vocabulary): readonly string[] {
  const actions: readonly Action[] = judgements.slice(1).flatMap(({ plan }) => plan.actions);
  return actions
    .filter((action) => action.guest?.uuid === guest?.uuid)
    .map(
      ({ message, control, guard, reason }) =>
        `since then: ${inUnit(message, controlUnit(vocabulary, control))}, by the guard ${guard}${reason === null ? '' : `, reason: ${reason}`}`,
    );
}

const RECENT_MS = 60_000;
const MOST_FACTS = 20;

function explanationOf(evaluation: KeptEvaluation, guest: GuestRef | null, { vocabulary, evaluate }: WhyFacts): string {
  const { program, input, memory, params, judgement } = evaluation;
  const tracer = new Tracer();
  // The same program, input and memory give the same decision: this time with a trace.
  const values = params?.resolve(input.guests);
  const { decision } = decide(program, input, memory, { ...evaluate, ...(values && { params: values }), tracer });
  const explained = {
    program,
    trace: tracer.read(),
    vocabulary,
    decision,
    plan: judgement.plan,
    recorded: null,
    guest,
  };
  return renderExplanation(explain(explained), false);
}

function lastWriteTo({ decisions }: Kept, guest: GuestRef | null, atMs: number): KeptOutcome | null {
  return (
    decisions.entries.findLast(
      ({ timeMs, outcome: { action } }) => timeMs <= atMs && action.guest?.uuid === guest?.uuid,
    ) ?? null
  );
}

function isAbsent({ input }: KeptEvaluation, guest: GuestRef | null): boolean {
  return guest !== null && !input.guests.some(({ uuid }) => uuid === guest.uuid);
}

function problemOf({ last }: Kept, guest: GuestRef): string | null {
  const { snapshot } = last?.report ?? {};
  if (snapshot === undefined || snapshot.guests.some(({ uuid }) => uuid === guest.uuid)) return null;
  const problem = snapshot.problems.find((each) => each.guest?.uuid === guest.uuid);
  if (problem !== undefined) return excludedText(problem.message);
  // Without libvirt no guest is listed, but all of them run on.
  const unread = snapshot.problems.find((each) => each.guest === null && each.collector === 'hypervisor');
  return unread === undefined ? GONE : `no guest can be read: ${unread.message}`;
}

const GONE = 'does not run any more';

/** A guest that runs, or that is in what is kept. */
export function guestNamed({ last, evaluations, decisions }: Kept, wanted: string): GuestRef | UnknownGuest {
  const { snapshot } = last?.report ?? {};
  const running: readonly GuestRef[] = [
    ...(snapshot?.guests ?? []),
    ...(snapshot?.problems ?? []).flatMap(({ guest }) => guest ?? []),
  ];
  const find = (is: (guest: GuestRef) => boolean): GuestRef | null | undefined =>
    running.find(is) ??
    evaluations.all.flatMap(({ input }) => input.guests.find(is) ?? []).at(-1) ??
    decisions.entries.findLast(({ outcome: { action } }) => action.guest !== null && is(action.guest))?.outcome.action
      .guest;
  // In the order of virsh: a guest can be named like the UUID of another one.
  const found = find(({ uuid }) => uuid === wanted) ?? find(({ name }) => name === wanted);
  if (found) return { name: found.name, uuid: found.uuid };
  const names = running.map(({ name }) => name);
  const meant = suggest(wanted, names);
  const isKsm = wanted.toLowerCase() === 'ksm' ? '; "ballast why" without a name explains KSM' : null;
  const list = names.length > 0 ? '; "ballast guests" lists those that run' : '';
  const hint = meant === null ? (isKsm ?? list) : `; did you mean ${safeGuestName(meant)}?`;
  const none = last === null ? '; no interval has finished yet' : names.length === 0 ? '; no guest runs' : '';
  return { unknown: `no guest ${safeGuestName(wanted)} runs${hint}${none}` };
}

function rangeText({ evaluations }: Kept): string {
  const [first, last] = [evaluations.all[0], evaluations.all.at(-1)];
  if (first === undefined || last === undefined) return 'no policy was evaluated yet';
  return `the daemon remembers those from ${timeText(first.timeMs)} to ${timeText(last.timeMs)}; "ballast explain" reads earlier ones from a recording`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
