/** Lets the arrow keys, the mouse and a finger go through the policies of a gain-pain plot. */
export function addSpots(figure: HTMLElement): void {
  const plot = figure.querySelector<HTMLElement>('.spots');
  const said = figure.querySelector<HTMLElement>('.said');
  const spots = [...figure.querySelectorAll<SVGElement>('.spot')];
  if (plot === null || said === null || spots.length === 0) return;
  const texts = spots.map((spot) => spot.querySelector('title')?.textContent ?? '');
  let at = 0;

  const show = (index: number): void => {
    at = Math.max(0, Math.min(spots.length - 1, index));
    spots.forEach((spot, other) => spot.classList.toggle('here', other === at));
    said.textContent = texts[at]!;
    plot.setAttribute('aria-valuenow', String(at));
    plot.setAttribute('aria-valuetext', texts[at]!);
  };
  const hide = (): void => {
    for (const spot of spots) spot.classList.remove('here');
    said.textContent = '';
  };
  const moves: Readonly<Record<string, () => number>> = {
    ...{ ArrowLeft: () => at - 1, ArrowUp: () => at - 1, ArrowRight: () => at + 1, ArrowDown: () => at + 1 },
    ...{ Home: () => 0, End: () => spots.length - 1 },
  };

  plot.tabIndex = 0;
  plot.setAttribute('role', 'slider');
  plot.setAttribute('aria-label', plot.dataset['label'] ?? '');
  plot.setAttribute('aria-valuemin', '0');
  plot.setAttribute('aria-valuemax', String(spots.length - 1));
  plot.setAttribute('aria-valuenow', '0');
  plot.setAttribute('aria-valuetext', texts[0]!);
  plot.querySelector('svg')?.setAttribute('aria-hidden', 'true');
  spots.forEach((spot, index) => spot.addEventListener('pointerenter', () => show(index)));
  plot.addEventListener('pointerleave', ({ pointerType }) => {
    if (pointerType === 'mouse' && document.activeElement !== plot) hide();
  });
  plot.addEventListener('focus', () => show(at));
  plot.addEventListener('blur', hide);
  plot.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') return plot.blur();
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to());
  });
}
