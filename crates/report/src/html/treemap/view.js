// The map, its table, and what moves them. One state, a view of it in each language.
const ROWS = 200;
const state = { group: "module", size: "disk", query: "", chosen: null, rows: ROWS };
let top = null;
let zoom = null;
let hits = null;
let pointed = null;

const views = all(".map").map((map) => {
  const part = (name) => map.querySelector(`.${name}`);
  return {
    map, words: JSON.parse(map.dataset.words), lang: map.closest("article").lang,
    canvas: part("boxes"), over: part("over"), tip: part("tip"), crumbs: part("crumbs"),
    table: part("list"), details: part("details"), told: part("told"), search: part("search"),
    found: part("found"), boxes: [], shown: [], texts: null,
  };
});
const view = () => views.find((each) => each.lang === root.lang) ?? views[0];

// ---- state ----

const weights = () => (state.size === "disk" ? data.bytes : data.download[state.size]);

const regrow = () => {
  const path = zoom ? chain(zoom).slice(1).map((at) => at.label) : [];
  top = grow(state.group, weights());
  zoom = top;
  for (const label of path) {
    const next = zoom.children.find((child) => child.label === label && child.children.length);
    if (!next) break;
    zoom = next;
  }
  state.chosen = null;
  seek();
};

// Every word of the query somewhere in what is known of the row.
const seek = () => {
  const wanted = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const now = view();
  hits = null;
  if (wanted.length) {
    now.texts ??= findable(now.words);
    hits = now.texts.map((text) => wanted.every((word) => text.includes(word)));
    light(top, hits);
  }
  state.rows = ROWS;
};

const into = (at) => {
  if (!at.children.length) return choose(at);
  zoom = at;
  state.chosen = null;
  state.rows = ROWS;
  show();
  tell(summary(at).join(", "));
};
const out = () => {
  if (!zoom.parent) return;
  const from = zoom;
  zoom = zoom.parent;
  state.rows = ROWS;
  show();
  choose(from);
};
const choose = (at) => {
  pointed = null;
  state.chosen = at;
  mark();
};

// ---- words ----

const summary = (at) => {
  const { words } = view();
  const parts = at.parts > 1 ? [fill(words.parts, { n: exact(at.parts) })] : [];
  const sizes = [size(at.net), fill(words.of_all, { share: share(at.bytes, top.bytes) })];
  return [name(at, words), ...sizes, ...parts];
};

// All that is known of a box, as facts in a line.
const facts = (at) => {
  const { words } = view();
  const row = at.row;
  if (row < 0) return summary(at);
  const [, module, pack, library] = data.owners[data.owner[row]].map((string) => data.strings[string]);
  const known = [
    symbol(row) || pack || library, words.kinds[data.kind[row]], symbol(row) && pack,
    module !== pack && module, data.strings[data.section[row]],
    data.from && fill(words.changed, { from: exact(data.from[row]), to: exact(data.to[row]) }),
    fill(words.bytes, { n: signed(at.net, exact) }),
    fill(words.of_all, { share: share(at.bytes, top.bytes) }),
  ];
  for (const [form, bytes] of Object.entries(data.download ?? {})) {
    if (bytes[row]) known.push(`${form} ${human(bytes[row])}`);
  }
  const packages = sharers(data.owner[row]);
  if (packages.length) known.push(fill(words.shared_by, { packages: packages.join(", ") }));
  if (data.marks[row] & ESTIMATED) known.push(words.estimated);
  return known.filter(Boolean);
};

const tell = (text) => { view().told.textContent = text; };

// ---- showing ----

const make = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

const show = () => {
  const now = view();
  const { words } = now;
  for (const input of all("input[type=radio]", now.map)) {
    input.checked = state[input.dataset.state] === input.value;
  }
  if (now.search.value !== state.query) now.search.value = state.query;
  const matching = hits ? hits.reduce((n, hit) => n + (hit ? 1 : 0), 0) : 0;
  now.found.textContent = !hits ? "" : !matching ? words.nothing : fill(words.found, {
    n: exact(matching), bytes: size(top.hitNet), share: share(top.hit, top.bytes),
  });
  now.crumbs.replaceChildren(...chain(zoom).map((at) => {
    const button = make("button", { type: "button", textContent: name(at, words), onclick: () => into(at) });
    if (at === zoom) button.setAttribute("aria-current", "location");
    return make("li", {}, button);
  }));
  const parts = mix(zoom);
  all(".legend data", now.map).forEach((each, family) => {
    each.value = parts[family];
    each.textContent = share(parts[family], zoom.bytes);
  });
  list(now);
  paint(now);
};

// The children of the zoom, or those that match; a button goes on where the list ends.
const list = (now) => {
  const { words } = now;
  const area = (at) => (hits ? at.hit : at.bytes);
  const bytes = (at) => (hits ? at.hitNet : at.net);
  now.shown = hits
    ? zoom.children.filter((child) => child.hit).sort((a, b) => b.hit - a.hit)
    : zoom.children;
  const body = now.shown.slice(0, state.rows).map((at) => {
    const deep = at.children.length > 0;
    const button = make("button", { type: "button", textContent: brief(at, words), title: name(at, words), tabIndex: -1 });
    if (!deep) button.className = "leaf";
    button.onclick = () => into(at);
    button.onfocus = () => choose(at);
    const part = share(area(at), zoom.bytes);
    const row = make("tr", {},
      make("th", { scope: "row" }, button),
      make("td", { className: "number", textContent: size(bytes(at)), title: signed(bytes(at), exact) }),
      make("td", { className: "number", textContent: part }));
    row.style.setProperty("--line", line(at, (area(at) / area(now.shown[0])) * 100));
    row.onpointerenter = () => point(at);
    row.onpointerleave = () => point(null);
    return row;
  });
  const left = now.shown.length - body.length;
  if (left > 0) {
    const more = make("button", { type: "button", className: "more", textContent: fill(words.smaller, { n: exact(left) }) });
    more.onclick = () => {
      state.rows += ROWS * 5;
      list(view());
      mark();
    };
    body.push(make("tr", {}, make("td", { colSpan: 3 }, more)));
  }
  now.table.tBodies[0].replaceChildren(...body);
  const cells = now.table.tFoot.rows[0].cells;
  cells[0].textContent = name(zoom, words);
  cells[1].textContent = size(bytes(zoom));
  cells[1].title = signed(bytes(zoom), exact);
  cells[1].dataset.value = bytes(zoom);
  cells[2].textContent = share(area(zoom), zoom.bytes);
  now.table.caption.textContent = fill(words.caption, { name: name(zoom, words) });
};

// A row's line: as long as its share of the largest, in the colours of its kinds.
const line = (at, long) => {
  let from = 0;
  const stops = mix(at).map((bytes, family) => {
    const start = from;
    from += (bytes / at.bytes) * long;
    return `var(--${data.families[family]}) ${start.toFixed(2)}% ${from.toFixed(2)}%`;
  });
  return `linear-gradient(to right, ${stops.join(", ")}, transparent 0)`;
};

const surface = (canvas, width, height) => {
  const density = Math.min(devicePixelRatio || 1, 3);
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const pen = canvas.getContext("2d");
  pen.scale(density, density);
  pen.textBaseline = "alphabetic";
  return pen;
};

const paint = (now) => {
  const { clientWidth: width, clientHeight: height } = now.canvas;
  if (!width || !height || !top) return;
  const pen = surface(now.canvas, width, height);
  now.boxes = lay(zoom, width, height);
  draw(pen, now.boxes, now.words, palette(now, pen), Boolean(hits));
  const whole = now.boxes.filter((box) => box.whole && box.at.bytes);
  now.canvas.dataset.boxes = whole.length;
  now.canvas.dataset.bytes = whole.reduce((bytes, box) => bytes + box.at.bytes, 0);
  mark();
};

// What is chosen and what is pointed at, above the boxes.
const mark = () => {
  const now = view();
  const pen = surface(now.over, now.canvas.clientWidth, now.canvas.clientHeight);
  const style = getComputedStyle(now.over);
  for (const [at, width] of [[pointed, 1.5], [state.chosen, 3]]) {
    const box = at && now.boxes.find((each) => each.at === at);
    if (!box) continue;
    const inset = width / 2;
    pen.lineWidth = width + 2;
    pen.strokeStyle = style.backgroundColor;
    pen.strokeRect(box.x + inset, box.y + inset, box.width - width, box.height - width);
    pen.lineWidth = width;
    pen.strokeStyle = style.color;
    pen.strokeRect(box.x + inset, box.y + inset, box.width - width, box.height - width);
  }
  const said = pointed ?? state.chosen ?? zoom;
  now.details.replaceChildren(...facts(said).map((fact) => make("span", { textContent: fact })));
  const buttons = all("tbody th button", now.table);
  buttons.forEach((button, index) => {
    const chosen = now.shown[index] === state.chosen;
    button.tabIndex = chosen || (!index && !now.shown.includes(state.chosen)) ? 0 : -1;
    button.closest("tr").classList.toggle("chosen", chosen);
  });
};
const point = (at) => {
  if (pointed === at) return;
  pointed = at;
  mark();
};
