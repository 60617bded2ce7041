/** A duration as people read it, such as `0.5 s`, `90 s` or `12 min`; what is negative is none. */
export function durationText(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  const short = s < 9.95 ? Math.round(s * 10) / 10 : Math.round(s);
  if (short < 120) return `${short} s`;
  return s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
}
