/** The time that a report is about, milliseconds since the epoch. */
export interface Window {
  readonly aroundMs: number;
  /** On either side. */
  readonly halfMs: number;
}

export function startOf({ aroundMs, halfMs }: Window): number {
  return aroundMs - halfMs;
}

export function endOf({ aroundMs, halfMs }: Window): number {
  return aroundMs + halfMs;
}

export function isIn(window: Window, timeMs: number): boolean {
  return timeMs >= startOf(window) && timeMs <= endOf(window);
}
