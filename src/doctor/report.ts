import { safeGuestName } from '../model/guest-name.ts';
import { escapeJson } from '../model/text.ts';
import type { Severity } from './check.ts';
import type { Diagnosis, NamedFinding } from './diagnose.ts';

/** Guests that are named in a line; `--json` has all of them. */
const MAX_NAMES = 10;

/** The findings for people. */
export function textReport(diagnosis: Diagnosis): string {
  return [...diagnosis.findings.map(paragraph), `${summary(diagnosis)}\n`].join('\n');
}

/** The findings for programs. */
export function jsonReport({ findings, checks }: Diagnosis): string {
  const counts = Object.fromEntries(
    (['hindrance', 'advice', 'unknown'] as const).map((severity) => [severity, number(findings, severity)]),
  );
  const listed = findings.map(({ check, severity, what, why, cure, guests }) => ({
    ...{ check, severity, what, why, cure },
    ...(guests !== undefined && { guests }),
  }));
  return `${escapeJson(JSON.stringify({ checks, counts, findings: listed }, null, 2))}\n`;
}

function paragraph({ check, severity, what, why, cure, guests = [] }: NamedFinding): string {
  const names = guests.slice(0, MAX_NAMES).map(safeGuestName).join(', ');
  const more = guests.length > MAX_NAMES ? ` and ${guests.length - MAX_NAMES} more` : '';
  return [
    `${severity}: ${what} [${check}]`,
    ...(guests.length > 0 ? [`  guests  ${names}${more}`] : []),
    `  why     ${why}`,
    ...cure.map((line, at) => `  ${at === 0 ? 'do    ' : '      '}  ${line}`),
    '',
  ].join('\n');
}

function summary({ findings, checks }: Diagnosis): string {
  const [hindrances, advice, unknown] = (['hindrance', 'advice', 'unknown'] as const).map((severity) =>
    number(findings, severity),
  ) as [number, number, number];
  const parts = [
    hindrances === 0 ? 'no hindrance' : hindrances === 1 ? '1 hindrance' : `${hindrances} hindrances`,
    advice === 1 ? '1 piece of advice' : `${advice} pieces of advice`,
    ...(unknown === 0
      ? []
      : [unknown === 1 ? '1 thing could not be checked' : `${unknown} things could not be checked`]),
  ];
  return `${checks} checks: ${parts.join(', ')}`;
}

function number(findings: readonly NamedFinding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}
