import type { GateResult } from '../../comparison/gates.ts';
import { count } from '../figures.ts';
import { html, type Html } from '../html.ts';
import { measureText } from '../measure-text.ts';
import type { Part } from './answer.ts';

/** The gates that are broken, by which policy and where, and how many are kept; null: there are none. */
export function gatesOf(results: readonly GateResult[], parts: readonly Part[]): Html | null {
  if (results.length === 0) return null;
  const broken = results.filter(({ passed }) => !passed);
  const kept = results.length - broken.length;
  const keyOf = ({ gate, policy }: GateResult): string => `${policy}\n${gate.text}`;
  const groups = [...new Set(broken.map(keyOf))].map((key) => broken.filter((result) => keyOf(result) === key));
  return html`<section id="gates">
    <h2>Gates</h2>
    ${
      broken.length === 0
        ? html`<p class="good">${kept === 1 ? 'The gate is kept.' : `All ${kept} gates are kept.`}</p>`
        : html`<ul class="stands">
              ${groups.map((group) => html`<li>${brokenText(group, parts)}</li>`)}
            </ul>
            <p class="dim">
              ${count(kept, 'gate is', 'gates are')} kept, ${count(broken.length, 'is', 'are')} broken.
            </p>`
    }
  </section>`;
}

function brokenText(group: readonly GateResult[], parts: readonly Part[]): Html {
  const { gate, policy } = group[0]!;
  return html`<span class="bad">broken</span>: <strong>${policy}</strong> does not keep <code>${gate.text}</code> in
    ${group.map(({ scenario, value, limit }, at) => {
      const id = parts.find((part) => part.scenario.name === scenario)?.id ?? '';
      const text = (figure: number | null): string => (figure === null ? '?' : measureText(gate.measures[0]!, figure));
      const figures = 'factor' in gate.limit ? `${text(value)}, limit ${text(limit)}` : text(value);
      return html`${at === 0 ? null : ', '}<a href="#${id}">${scenario}</a> (${figures})`;
    })}`;
}
