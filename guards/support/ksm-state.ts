import type { GuardedRequest } from '../../src/model/decision.ts';
import type { FieldValue } from '../../src/model/field.ts';
import { fieldOf, numberOf } from '../../src/model/sample.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import { isKsmValue, knobNamed, truncateKsmValue, type KsmKnob, type KsmValue } from '../../src/host/ksm-knobs.ts';

/** The current host fields, by name. */
export interface KsmState {
  /** undefined: not collected; null: not available. */
  value(name: string): FieldValue | undefined;
  /** null when it is not a finite number. */
  number(name: string): number | null;
}

export function ksmState({ host, hostLayout }: Pick<PolicyInput, 'host' | 'hostLayout'>): KsmState {
  return {
    value: (name) => fieldOf(hostLayout, host.samples, name),
    number: (name) => numberOf(hostLayout, host.samples, name),
  };
}

/** A request for a KSM knob with the value that would be written. */
export interface KsmRequest {
  readonly request: GuardedRequest;
  readonly knob: KsmKnob;
  readonly value: KsmValue;
}

/** The requests for KSM that can be written at all; the guard ksm-limits and the controller report the others. */
export function ksmRequests(requests: readonly GuardedRequest[]): readonly KsmRequest[] {
  const valid: KsmRequest[] = [];
  for (const request of requests) {
    const knob = knobNamed(request.name);
    const wanted = request.value;
    if (knob === undefined || !isKsmValue(wanted) || typeof wanted !== knob.decl.type) continue;
    const value = truncateKsmValue(wanted);
    if (knob.choices === undefined || knob.choices.includes(value)) valid.push({ request, knob, value });
  }
  return valid;
}

/** The request that is written last for a knob. */
export function lastFor(requests: readonly KsmRequest[], name: string): KsmRequest | undefined {
  return requests.findLast(({ knob }) => knob.name === name);
}
