// Pointer and keys, for every view; then the first drawing.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const under = (now, event) => {
  const { left, top } = now.canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - left, event.clientY - top];
  return now.boxes.findLast((box) =>
    x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height);
};

// The neighbour of the chosen box that way, among the boxes of the first level.
const neighbour = (now, [right, down]) => {
  const boxes = now.boxes.filter((box) => box.depth === 1);
  const from = boxes.find((box) => box.at === state.chosen);
  if (!from) return boxes[0];
  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  const [x, y] = middle(from);
  const far = (box) => {
    const [dx, dy] = [middle(box)[0] - x, middle(box)[1] - y];
    const [ahead, aside] = right ? [dx * right, Math.abs(dy)] : [dy * down, Math.abs(dx)];
    return ahead > 0.5 ? ahead + 2 * aside : Infinity;
  };
  const next = boxes.reduce((best, box) => (far(box) < far(best) ? box : best), from);
  return next;
};

const keys = (event) => {
  const now = view();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const listed = now.table.contains(event.target);
  const at = now.shown.indexOf(state.chosen);
  if (ARROWS[event.key] && !listed && event.target === now.canvas) {
    const box = neighbour(now, ARROWS[event.key]);
    if (box) {
      choose(box.at);
      tell(summary(box.at).join(", "));
    }
  } else if (listed && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const buttons = all("tbody button", now.table);
    const from = buttons.indexOf(document.activeElement);
    buttons[from + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  } else if (listed && (event.key === "Home" || event.key === "End")) {
    all("tbody button", now.table).at(event.key === "Home" ? 0 : -1)?.focus();
  } else if (event.key === "Enter" && event.target === now.canvas) {
    if (state.chosen) into(state.chosen);
  } else if (event.key === "Enter" && listed && now.shown[at]?.children.length) {
    into(now.shown[at]);
    now.table.querySelector("tbody button")?.focus();
  } else if (event.key === "Escape" || event.key === "Backspace") {
    out();
    if (listed) now.table.querySelector(".chosen button")?.focus();
  } else {
    return;
  }
  event.preventDefault();
};

for (const now of views) {
  now.canvas.addEventListener("pointermove", (event) => {
    const box = event.pointerType === "mouse" ? under(now, event) : null;
    point(box && box.depth ? box.at : null);
    now.tip.hidden = !pointed;
    if (!pointed) return;
    now.tip.textContent = `${name(pointed, now.words)} · ${size(pointed.net)}`;
    const frame = now.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    now.tip.style.left = `${Math.max(4, Math.min(x + 14, frame.width - now.tip.offsetWidth - 4))}px`;
    now.tip.style.top = `${y + 44 > frame.height ? y - 36 : y + 18}px`;
  });
  now.canvas.addEventListener("pointerleave", () => {
    now.tip.hidden = true;
    point(null);
  });
  // A heading zooms to its group, a box to what holds it on the first level.
  now.canvas.addEventListener("click", (event) => {
    const box = under(now, event);
    if (!box || !box.depth) return;
    pointed = null;
    now.tip.hidden = true;
    if (box.whole && box.depth === 1 && !box.at.children.length) choose(box.at);
    else into(box.whole ? box.outer : box.at);
  });
  now.search.addEventListener("input", () => {
    state.query = now.search.value;
    seek();
    show();
  });
  now.search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    state.query = now.search.value = "";
    seek();
    show();
    now.canvas.focus();
  });
  for (const input of all("input[type=radio]", now.map)) {
    input.addEventListener("change", () => {
      state[input.dataset.state] = input.value;
      regrow();
      show();
    });
  }
  new ResizeObserver(() => {
    if (now === view()) paint(now);
  }).observe(now.canvas);
}

document.addEventListener("keydown", keys);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input[type=search]")) return;
  event.preventDefault();
  view().search.focus();
});
new MutationObserver(() => {
  seek();
  show();
}).observe(root, { attributes: true, attributeFilter: ["lang", "data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);

regrow();
show();
