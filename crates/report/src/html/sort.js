// Tables whose headings sort them.
// Rows that have nothing in the column stay last, whichever way it is sorted.
const key = (row, column) => {
  const cell = row.cells[column];
  if (!cell || cell.colSpan > 1) return null;
  if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
  const text = cell.textContent.trim();
  return text === "–" ? null : text;
};
const order = (a, b) => {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
};
for (const table of all("table[data-sorts]")) {
  const heads = all("thead th", table);
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = all("tbody tr", table).map((row) => [key(row, column), row]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return Number(a === null) - Number(b === null);
        return down ? order(b, a) : order(a, b);
      });
      table.tBodies[0].append(...rows.map(([, row]) => row));
    });
  });
}
