/** Lets the arrow keys and the mouse go through the figures of a table; what else is known of one is told below it. */
export function addCells(table: HTMLTableElement): void {
  const said = table.closest('.scenario')?.querySelector<HTMLElement>('.said');
  const rows = [...table.tBodies[0]!.rows].map((row) => [...row.querySelectorAll('td')]);
  const heads = [...table.querySelectorAll('thead th')].map((head) => head.textContent ?? '');
  if (said === null || said === undefined || rows[0]?.[0] === undefined) return;
  let current = rows[0][0];

  const tell = (cell: HTMLTableCellElement): void => {
    const title = cell.parentElement?.querySelector('th')?.textContent ?? '';
    const more = cell.querySelector('small')?.textContent ?? '';
    said.textContent = `${title.trim()}, ${heads[cell.cellIndex - 1] ?? ''}: ${more === '' ? 'the same with all seeds' : more}`;
  };
  const choose = (cell: HTMLTableCellElement): void => {
    current.tabIndex = -1;
    current = cell;
    cell.tabIndex = 0;
  };

  table.setAttribute('role', 'grid');
  rows.forEach((cells, row) =>
    cells.forEach((cell, column) => {
      cell.tabIndex = -1;
      cell.addEventListener('pointerenter', () => tell(cell));
      cell.addEventListener('focus', () => {
        choose(cell);
        tell(cell);
      });
      cell.addEventListener('keydown', (event) => {
        const [down, right] = MOVES[event.key] ?? [0, 0];
        const next = rows[row + down]?.[column + right];
        if (next === undefined || next === cell) return;
        event.preventDefault();
        next.focus();
      });
    }),
  );
  current.tabIndex = 0;
  table.addEventListener('pointerleave', () => {
    if (table.contains(document.activeElement)) tell(current);
    else said.textContent = '';
  });
  table.addEventListener('focusout', () => (said.textContent = ''));
}

const MOVES: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ...{ ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] },
};
