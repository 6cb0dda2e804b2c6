// Rows to a tree. A label is "=text", "#kind", "@word" or "+owner": what it says depends on the
// language, what it is does not, so a zoom outlives a change of language, grouping and size.
const data = JSON.parse(document.getElementById("data").textContent);
const PLACES = ["=", "@no_module", "@shared", "@library", "@format"];
const ESTIMATED = 1;
const RELATIVE = 2;

const label = (string) => (string ? "=" + data.strings[string] : null);
const kindOf = (row) => "#" + data.kind[row];
const sectionOf = (row) => label(data.section[row]) ?? "@outside";

// The row's owner as one or two labels: a module and its package, several packages, a library.
const owned = (row) => {
  const owner = data.owner[row];
  const [place, module, pack, library, sharers] = data.owners[owner];
  const under = label(pack) ?? (sharers.length ? "+" + owner : label(library));
  return [place === 0 ? label(module) : PLACES[place] ?? kindOf(row), under];
};

const GROUPINGS = {
  module: (row) => {
    const [top, under] = owned(row);
    return [top, under ?? kindOf(row), label(data.symbol[row]) ?? kindOf(row)];
  },
  kind: (row) => [kindOf(row), ...owned(row), label(data.symbol[row])],
  section: (row) => [sectionOf(row), ...GROUPINGS.module(row)],
};

// The family of a row: of its kind, or where the map is of a change, what became of it.
const family = (row) => (data.family ? data.family[row] : data.kinds[data.kind[row]]);

// A box has the area of `bytes`; `net` is what is said of it, which for a change has a sign.
const node = (label, parent) => ({
  label, parent, row: -1, bytes: 0, net: 0, hit: 0, hitNet: 0, parts: 0, like: -1, children: [], index: new Map(),
});

// Takes the tree's sums from its leaves: bytes, parts, and a row that stands for the look of all.
const sum = (at) => {
  if (at.row >= 0) return;
  for (const child of at.children) {
    sum(child);
    at.bytes += child.bytes;
    at.net += child.net;
    at.parts += child.parts;
  }
  at.children.sort((a, b) => b.bytes - a.bytes);
  at.like = at.children.length ? at.children[0].like : -1;
  at.index = null;
  // What is not divided is the leaf itself, under the group's name.
  if (at.parent && at.children.length === 1 && at.children[0].row >= 0) {
    at.row = at.children[0].row;
    at.children = [];
  }
};

const net = (row, bytes) => (data.from ? data.to[row] - data.from[row] : bytes);

const grow = (grouping, weights) => {
  const top = node("@file", null);
  const levels = GROUPINGS[grouping];
  weights.forEach((bytes, row) => {
    if (!bytes) return;
    let at = top;
    for (const label of levels(row)) {
      // A module and the package at its root have one path, and are two.
      if (!label || (label === at.label && label[0] !== "=")) continue;
      let next = at.index.get(label);
      if (!next) {
        next = node(label, at);
        at.index.set(label, next);
        at.children.push(next);
      }
      at = next;
    }
    const leaf = node(at.label === kindOf(row) ? sectionOf(row) : kindOf(row), at);
    at.children.push(Object.assign(leaf, { row, bytes, net: net(row, bytes), parts: 1, like: row }));
  });
  sum(top);
  return top;
};

// The bytes that match, summed up the tree.
const light = (at, hits) => {
  const hit = at.row >= 0 && hits[at.row];
  [at.hit, at.hitNet] = hit ? [at.bytes, at.net] : [0, 0];
  for (const child of at.children) {
    light(child, hits);
    at.hit += child.hit;
    at.hitNet += child.hitNet;
  }
};

// The bytes of each family.
const mix = (at, into = data.families.map(() => 0)) => {
  if (at.row >= 0) into[family(at.row)] += at.bytes;
  for (const child of at.children) mix(child, into);
  return into;
};

// The children that are too small to be seen, as one.
const bundle = (parent, children) => {
  const rest = node("@smaller", parent);
  rest.children = children;
  rest.like = children[0].like;
  for (const child of children) {
    rest.bytes += child.bytes;
    rest.net += child.net;
    rest.hit += child.hit;
    rest.hitNet += child.hitNet;
    rest.parts += child.parts;
  }
  return rest;
};

const chain = (at) => (at.parent ? [...chain(at.parent), at] : [at]);

// ---- what is said of it ----

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const exact = (bytes) => String(bytes).replace(/\B(?=(\d{3})+$)/g, ",");
// Of a change, with its sign.
const signed = (bytes, text) => {
  if (!data.from || !bytes) return text(bytes);
  return (bytes < 0 ? "−" : "+") + text(Math.abs(bytes));
};
const size = (net) => signed(net, human);
const human = (bytes) => {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 2 ** 20) return `${(bytes / 2 ** 10).toFixed(1)} KiB`;
  if (bytes < 2 ** 30) return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
};
const share = (part, whole) => {
  const percent = whole ? (part / whole) * 100 : 0;
  return percent > 0 && percent < 0.05 ? "<0.1%" : `${percent.toFixed(1)}%`;
};

const sharers = (owner) => data.owners[owner][4].map((pack) => data.strings[pack]);
const name = (at, words) => {
  const what = at.label.slice(1);
  switch (at.label[0]) {
    case "=": return what;
    case "#": return words.kinds[what];
    case "+": {
      const [first, ...others] = sharers(what);
      return others.length ? fill(words.and_others, { first, n: others.length }) : first;
    }
    default: return fill(words[what], { n: exact(at.children.length), file: data.name });
  }
};

// The name beneath its parent: a path without what the parent says of it.
const brief = (at, words) => {
  const whole = name(at, words);
  if (at.label[0] !== "=") return whole;
  if (at.label === at.parent.label) return whole.slice(whole.lastIndexOf("/") + 1);
  const above = at.parent.label.slice(1) + "/";
  if (whole.startsWith(above)) return whole.slice(above.length);
  return data.marks[at.like] & RELATIVE ? whole.replace(/^\./, "") : whole;
};

// A symbol with the package that its row leaves out.
const symbol = (row) => {
  const text = data.strings[data.symbol[row]];
  const pack = data.strings[data.owners[data.owner[row]][2]];
  return data.marks[row] & RELATIVE ? pack + text : text;
};

// All that a row can be found by, in lower case.
const findable = (words) => data.bytes.map((_, row) => {
  const [, module, pack, library] = data.owners[data.owner[row]].map((at) => data.strings[at]);
  const section = data.strings[data.section[row]];
  const kind = words.kinds[data.kind[row]];
  const others = sharers(data.owner[row]).join(" ");
  return [symbol(row), pack, module, library, section, kind, others].join("\n").toLowerCase();
});
