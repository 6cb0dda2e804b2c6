// A tree to boxes, and boxes to a canvas.

// What is smaller, in square pixels, is drawn together with its like.
const LEAST = 5;
// What is smaller is one box, whatever it is made of.
const DIVIDED = 40;
const HEAD = 17;

// Squarified: rows along the shorter side, each as long as its boxes keep getting squarer
// (Bruls, Huizing, van Wijk, 2000).
const squarify = (nodes, x, y, width, height, place) => {
  let left = nodes.reduce((bytes, at) => bytes + at.bytes, 0);
  for (let from = 0; from < nodes.length && width > 0 && height > 0;) {
    const along = Math.min(width, height);
    const scale = (width * height) / left;
    let [to, bytes, worst] = [from, 0, Infinity];
    for (; to < nodes.length; to += 1) {
      const square = (((bytes + nodes[to].bytes) * scale) / along) ** 2;
      const ratio = Math.max((nodes[from].bytes * scale) / square, square / (nodes[to].bytes * scale));
      if (ratio > worst) break;
      worst = ratio;
      bytes += nodes[to].bytes;
    }
    const thick = to === nodes.length ? Math.max(width, height) : (bytes * scale) / along;
    let at = 0;
    for (const each of nodes.slice(from, to)) {
      const long = (each.bytes / bytes) * along;
      if (width >= height) place(each, x, y + at, thick, long);
      else place(each, x + at, y, long, thick);
      at += long;
    }
    if (width >= height) [x, width] = [x + thick, width - thick];
    else [y, height] = [y + thick, height - thick];
    left -= bytes;
    from = to;
  }
};

// The children that can be seen; the others are bundled, in their place by size.
const visible = (at, area) => {
  const bytes = (LEAST / area) * at.bytes;
  const from = at.children.findIndex((child) => child.bytes < bytes);
  if (from < 0 || from >= at.children.length - 1 || at.label === "@smaller" && !from) {
    return at.children;
  }
  const rest = bundle(at, at.children.slice(from));
  const seen = at.children.slice(0, from);
  const place = seen.findIndex((child) => child.bytes < rest.bytes);
  seen.splice(place < 0 ? seen.length : place, 0, rest);
  return seen;
};

// All boxes, parents first; `whole` ones hold no others.
const lay = (zoom, width, height) => {
  const boxes = [];
  const place = (at, x, y, width, height, depth, outer, snug) => {
    const box = { at, x, y, width, height, depth, outer, snug, whole: true, head: 0 };
    boxes.push(box);
    const bundled = at.label === "@smaller" && depth > 0;
    if (bundled || !at.children.length || width * height < DIVIDED && depth > 0) return;
    box.whole = false;
    let inner = [x, y, width, height];
    // The kinds of a small symbol stand close, so that it is seen as one.
    let close = false;
    if (depth > 0 && width > 44 && height > HEAD + 16) {
      box.head = HEAD;
      inner = [x + 2, y + HEAD, width - 4, height - HEAD - 2];
    } else if (depth > 0) {
      close = at.children.every((child) => child.row >= 0);
      inner = [x, y, width - (close ? 1 : 0), height - (close ? 1 : 0)];
    }
    squarify(visible(at, inner[2] * inner[3]), ...inner, (child, ...where) =>
      place(child, ...where, depth + 1, depth ? outer : child, close));
  };
  place(zoom, 0, 0, width, height, 0, null, false);
  return boxes;
};

// ---- colours ----

const rgb = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
const deep = (colour) => {
  const [red, green, blue] = rgb(colour);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140;
};

// Stripes one way: charged in proportion; the other way: unknown; dots: shared.
const pattern = (pen, strokes, colour) => {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 16;
  const to = tile.getContext("2d");
  to.scale(2, 2);
  to.strokeStyle = to.fillStyle = colour;
  to.stroke(new Path2D(strokes));
  const made = pen.createPattern(tile, "repeat");
  made.setTransform(new DOMMatrix([0.5, 0, 0, 0.5, 0, 0]));
  return made;
};

// The theme's colours, which the style sheet alone knows.
const palette = (view, pen) => {
  const style = getComputedStyle(view.canvas);
  const families = data.families.map((family) =>
    getComputedStyle(view.map.querySelector(`.legend .${family}`)).fill);
  const over = families.map((colour) => (deep(colour) ? "#ffffff" : "#14171a"));
  return {
    families, over,
    page: style.backgroundColor, ink: style.color, line: style.borderTopColor,
    estimated: pattern(pen, "M-1 9L9 -1M-1 1L1 -1M7 9L9 7", "rgb(255 255 255 / 0.4)"),
    shared: pattern(pen, "M2 3h1.5M6 7h1.5", "rgb(255 255 255 / 0.6)"),
    unknown: pattern(pen, "M-1 -1L9 9M7 -1L9 1M-1 7L1 9", "rgb(255 255 255 / 0.28)"),
  };
};

const hatch = (row, colours) => {
  if (data.families[family(row)] === "p-unknown") return colours.unknown;
  if (data.marks[row] & ESTIMATED) return colours.estimated;
  return PLACES[data.owners[data.owner[row]][0]] === "@shared" ? colours.shared : null;
};

// ---- drawing ----

// As much of a text as fits: of a path its last names, of anything else its beginning.
const fit = (pen, text, width) => {
  const fits = (part) => part.length < 400 && pen.measureText(part).width <= width;
  if (fits(text)) return text;
  const names = /^[^\s(]+\//.test(text) ? text.split("/") : [text];
  for (let from = 1; from < names.length; from += 1) {
    const end = "…/" + names.slice(from).join("/");
    if (fits(end)) return end;
  }
  const last = names.at(-1).slice(0, 400);
  const most = Math.floor((width / pen.measureText(last).width) * last.length) - 1;
  return most < 3 ? "" : last.slice(0, most) + "…";
};

const write = (pen, box, at, words, bold) => {
  const { x, y, width, height, head } = box;
  pen.font = `${bold ? "600 " : ""}11px ${bold ? "system-ui, sans-serif" : "ui-monospace, Menlo, Consolas, monospace"}`;
  const text = fit(pen, brief(at, words), width - 8);
  if (!text) return;
  pen.fillText(text, x + 4, y + 12.5);
  const bytes = size(at.net);
  const room = width - 12 - pen.measureText(text).width;
  pen.font = "11px system-ui, sans-serif";
  const long = pen.measureText(bytes).width;
  pen.globalAlpha *= 0.72;
  if (head ? room > long + 6 : height < 30 && room > long + 8) pen.fillText(bytes, x + width - long - 5, y + 12.5);
  else if (!head && height >= 30 && width > long + 8) pen.fillText(bytes, x + 4, y + 26);
};

const draw = (pen, boxes, words, colours, searching) => {
  for (const box of boxes.slice(1)) {
    const { at, x, y, width, height, whole, snug } = box;
    const [left, top] = [Math.round(x), Math.round(y)];
    const [right, bottom] = [Math.round(x + width), Math.round(y + height)];
    // A hair between neighbours, as long as there is room for it; not where rounding alone made it.
    const gap = !snug && Math.min(width, height) > 6 ? 1 : 0;
    const [wide, high] = [Math.max(right - left - gap, 0.6), Math.max(bottom - top - gap, 0.6)];
    const lit = !searching || at.hit > 0;
    pen.globalAlpha = lit ? 1 : 0.13;
    if (!whole) {
      if (gap && lit) {
        pen.fillStyle = colours.line;
        pen.fillRect(left, top, wide, high);
        pen.fillStyle = colours.ink;
      }
      if (box.head && lit) write(pen, box, at, words, true);
      continue;
    }
    const look = family(at.like);
    if (at.children.length) pen.globalAlpha *= 0.6;
    pen.fillStyle = colours.families[look];
    pen.fillRect(left, top, wide, high);
    const marks = hatch(at.like, colours);
    if (marks && wide > 4 && high > 4) {
      pen.fillStyle = marks;
      pen.fillRect(left, top, wide, high);
    }
    // Of the kinds of a small symbol the largest carries the symbol's name.
    if (!lit || wide < 34 || high < 15 || (snug && at !== at.parent.children[0])) continue;
    pen.globalAlpha = 1;
    pen.fillStyle = colours.over[look];
    write(pen, box, snug ? at.parent : at, words, false);
  }
  pen.globalAlpha = 1;
};
