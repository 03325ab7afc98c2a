// The explorer: one list of words in four spaces, side by side. Everything is computed here, from files of this site.
"use strict";

(() => {
  const root = document.querySelector(".explorer");
  if (!root) return;

  // ---- The spaces ------------------------------------------------------------------------------------------------

  const TOP = 10;
  const LONGEST_PATH = 14;

  /** One space: vectors of whole numbers whose cosines stand for those of the full vectors, and a map. */
  class Space {
    constructor(entry, bytes, size) {
      Object.assign(this, { key: entry.key, title: entry.title, teacher: entry.teacher });
      this.size = size;
      this.dimensions = entry.dimensions;
      // The file holds one dimension after the other; a search wants one word after the other.
      const columns = new Int8Array(bytes, 0, size * this.dimensions);
      this.codes = new Int8Array(columns.length);
      const squares = new Float64Array(size);
      for (let k = 0, from = 0; k < this.dimensions; k++) {
        for (let i = 0, to = k; i < size; i++, from++, to += this.dimensions) {
          this.codes[to] = columns[from];
          squares[i] += columns[from] ** 2;
        }
      }
      this.lengths = squares.map(Math.sqrt);
      const view = new DataView(bytes, columns.length);
      this.x = Float32Array.from({ length: size }, (_, i) => view.getUint16(2 * i, true));
      this.y = Float32Array.from({ length: size }, (_, i) => view.getUint16(2 * (size + i), true));
    }

    /** The vector of a word, of length 1. */
    unit(word) {
      const vector = new Float64Array(this.dimensions);
      for (let k = 0; k < this.dimensions; k++) {
        vector[k] = this.codes[word * this.dimensions + k] / this.lengths[word];
      }
      return vector;
    }

    /** The cosine of a vector with each word. */
    similarities(vector) {
      const found = new Float64Array(this.size);
      const { codes, lengths, dimensions } = this;
      const length = Math.hypot(...vector);
      for (let word = 0, at = 0; word < this.size; word++) {
        let sum = 0;
        for (let k = 0; k < dimensions; k++, at++) sum += codes[at] * vector[k];
        found[word] = sum / (lengths[word] * length);
      }
      return found;
    }

    similarity(a, b) {
      const [left, right] = [this.unit(a), this.unit(b)];
      return left.reduce((sum, value, k) => sum + value * right[k], 0);
    }

    /** Three vectors for "a is to b as c is to ...": b - a + c, each of length 1 (3CosAdd). */
    analogy(a, b, c) {
      const [from, to, like] = [this.unit(a), this.unit(b), this.unit(c)];
      return from.map((value, k) => to[k] - value + like[k]);
    }

    /** A walk: from each word to that one of its ten nearest which lies nearest to the goal. */
    path(start, goal) {
      const toGoal = this.similarities(this.unit(goal));
      const steps = [start];
      while (steps.at(-1) !== goal && steps.length < LONGEST_PATH) {
        const here = steps.at(-1);
        const near = this.similarities(this.unit(here));
        // Where none of the ten leads on, more are asked; the goal itself always does, so the walk cannot get stuck.
        let next = -1;
        for (let count = TOP; next < 0; count *= 2) {
          const onward = largest(near, count, [here]).filter((word) => toGoal[word] > toGoal[here]);
          next = onward.length ? onward.reduce((best, word) => (toGoal[word] > toGoal[best] ? word : best)) : -1;
        }
        steps.push(next);
      }
      if (steps.at(-1) !== goal) steps.push(goal);
      return steps;
    }
  }

  /** The places of the largest scores, largest first; equal ones in their order. */
  function largest(scores, count, without) {
    const found = [];
    for (let i = 0; i < scores.length; i++) {
      if (found.length === count && scores[i] <= scores[found[count - 1]]) continue;
      if (without.includes(i)) continue;
      let at = found.length;
      while (at > 0 && scores[found[at - 1]] < scores[i]) at--;
      found.splice(at, 0, i);
      if (found.length > count) found.pop();
    }
    return found;
  }

  // ---- The files -------------------------------------------------------------------------------------------------

  const folder = new URL(root.dataset.files, document.baseURI);

  async function fromServer(name) {
    const answer = await fetch(new URL(name, folder));
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.blob();
  }

  // A page opened from a disk may not fetch files, but it may load a script; the build wraps the files in one.
  let script = null;
  async function fromScript(name) {
    script ??= new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = new URL("files.js", folder);
      element.onload = resolve;
      element.onerror = () => reject(new Error("files.js"));
      document.head.append(element);
    });
    await script;
    return new Blob([Uint8Array.from(atob(window.explorerFiles[name]), (character) => character.charCodeAt(0))]);
  }

  const read = location.protocol === "file:" ? fromScript : fromServer;

  async function load() {
    const index = JSON.parse(await (await read("index.json")).text());
    const words = index.words.split(" ");
    const spaces = index.spaces.map(async (entry) => {
      const packed = (await read(entry.file)).stream();
      const bytes = await new Response(packed.pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
      return new Space(entry, bytes, words.length);
    });
    return { words, spaces: await Promise.all(spaces) };
  }

  // ---- Small helpers ---------------------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
  const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);
  const number = (value) => value.toFixed(2).replace("-", "−");

  // The marker of each space's arm, as in the book's figures, in a box from −1 to 1.
  const MARKERS = {
    sentiment: "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
    word2vec: "M0-1.1L1.1 0L0 1.1L-1.1 0Z",
    glove: "M0-1L1.1.9L-1.1.9Z",
    wikipedia: "M0-1.05L1-.32L.62.85L-.62.85L-1-.32Z",
  };

  // ---- The map of a space ----------------------------------------------------------------------------------------

  const GRID = 1023;
  const SMALLEST_VIEW = 90; // of the grid: nearer than this a map shows less of the space than of its own rounding

  class SpaceMap {
    constructor(space, words, go) {
      Object.assign(this, { space, words, shown: [] });
      this.canvas = el("canvas", { "aria-hidden": "true" });
      this.layer = svg("svg", { "aria-hidden": "true" });
      this.inset = el("canvas", { class: "explorer__inset", "aria-hidden": "true" });
      this.figure = el("div", { class: "explorer__map", role: "img" }, this.canvas, this.layer, this.inset);
      this.figure.addEventListener("pointermove", (event) => this.point(this.nearestTo(event)));
      this.figure.addEventListener("pointerleave", () => this.point(-1));
      this.figure.addEventListener("click", (event) => {
        const word = this.nearestTo(event);
        if (word >= 0) go(word);
      });
      new ResizeObserver(() => this.draw()).observe(this.figure);
    }

    show(word, neighbours) {
      this.shown = [word, ...neighbours];
      const names = neighbours.map((other) => this.words[other]).join(", ");
      this.figure.setAttribute("aria-label", `Map of the space ${this.space.title}: ${this.words[word]} and ${names}`);
      this.draw();
    }

    draw() {
      const { width, height } = this.figure.getBoundingClientRect();
      if (!width || !this.shown.length) return;
      const { x, y } = this.space;
      const [xs, ys] = [this.shown.map((word) => x[word]), this.shown.map((word) => y[word])];
      const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      const scale = Math.min(
        (width - 90) / Math.max(right - left, SMALLEST_VIEW),
        (height - 60) / Math.max(bottom - top, SMALLEST_VIEW),
      );
      const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
      this.size = { width, height };
      this.px = (word) => width / 2 + (x[word] - middleX) * scale;
      this.py = (word) => height / 2 + (y[word] - middleY) * scale;
      this.placeInset();
      this.drawAll(this.canvas, width, height, this.px, this.py, 1.3);
      this.drawInset({ x: middleX, y: middleY, width: width / scale, height: height / scale });
      this.drawShown();
    }

    /** Put the map of the whole space into the corner where it hides the fewest of the words. */
    placeInset() {
      const { width, height } = this.size;
      const side = this.inset.offsetWidth + 8;
      const corners = [[width - side, 0], [0, 0], [width - side, height - side], [0, height - side]].map(([left, top]) => ({
        left, top, right: left + side, bottom: top + side,
      }));
      const hidden = ({ left, right, top, bottom }) =>
        this.shown.filter((word) => this.px(word) > left && this.px(word) < right && this.py(word) > top && this.py(word) < bottom).length;
      this.corner = corners.reduce((best, corner) => (hidden(corner) < hidden(best) ? corner : best));
      this.inset.style.left = `${this.corner.left && this.corner.left + 8}px`;
      this.inset.style.top = `${this.corner.top && this.corner.top + 8}px`;
    }

    drawAll(canvas, width, height, px, py, radius) {
      const ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      const pen = canvas.getContext("2d");
      pen.scale(ratio, ratio);
      pen.fillStyle = getComputedStyle(this.figure).getPropertyValue("--explorer-dots");
      for (let word = 0; word < this.words.length; word++) {
        const [left, top] = [px(word), py(word)];
        if (left < -2 || top < -2 || left > width + 2 || top > height + 2) continue;
        pen.fillRect(left - radius, top - radius, 2 * radius, 2 * radius);
      }
      return pen;
    }

    drawInset(view) {
      const side = this.inset.clientWidth;
      const scale = (side - 4) / GRID;
      const [x, y] = [(word) => 2 + this.space.x[word] * scale, (word) => 2 + this.space.y[word] * scale];
      const pen = this.drawAll(this.inset, side, side, x, y, 0.3);
      pen.strokeStyle = getComputedStyle(this.figure).getPropertyValue("--explorer-colour");
      pen.lineWidth = 1.5;
      const [left, top] = [view.x - view.width / 2, view.y - view.height / 2].map((at) => Math.max(1, 2 + at * scale));
      const right = Math.min(side - 1, 2 + (view.x + view.width / 2) * scale);
      const bottom = Math.min(side - 1, 2 + (view.y + view.height / 2) * scale);
      pen.strokeRect(left, top, right - left, bottom - top);
    }

    // Labels keep off the edge, the inset and each other; one that finds no place is left to the table beside the map.
    drawShown() {
      const { width, height } = this.size;
      const taken = [this.corner];
      const dots = this.shown.map((word) => ({ x: this.px(word), y: this.py(word) }));
      taken.push(...dots.map(({ x, y }) => ({ left: x - 4, right: x + 4, top: y - 4, bottom: y + 4 })));
      const [marks, labels] = [[], []];
      this.shown.forEach((word, rank) => {
        const { x, y } = dots[rank];
        const size = rank ? 3.6 : 6;
        const mark = { d: MARKERS[this.space.key], transform: `translate(${x} ${y}) scale(${size})` };
        marks.push(svg("path", { class: rank ? "explorer__near" : "explorer__self", ...mark }));
        const long = this.words[word].length * (rank ? 6.7 : 8.2) + 4;
        const free = [
          [x + 8, y - 7],
          [x - 8 - long, y - 7],
          [x - long / 2, y - 22],
          [x - long / 2, y + 8],
          [x + 6, y - 18],
          [x + 6, y + 4],
          [x - 6 - long, y - 18],
          [x - 6 - long, y + 4],
        ]
          .map(([left, top]) => ({ left, right: left + long, top, bottom: top + 14 }))
          .find(
            (box) =>
              box.left > 0 && box.right < width && box.top > 0 && box.bottom < height &&
              !taken.some((o) => o.left < box.right && box.left < o.right && o.top < box.bottom && box.top < o.bottom),
          );
        if (!free) return;
        taken.push(free);
        const place = { x: free.left + 2, y: free.bottom - 3, class: rank ? "" : "explorer__self-name" };
        labels.push(svg("text", place, this.words[word]));
      });
      this.hover = svg("text", { class: "explorer__hover" });
      this.layer.replaceChildren(...marks.reverse(), ...labels, this.hover);
    }

    nearestTo(event) {
      const box = this.figure.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      let [best, nearest] = [14 ** 2, -1];
      for (let word = 0; this.px && word < this.words.length; word++) {
        const far = (this.px(word) - x) ** 2 + (this.py(word) - y) ** 2;
        if (far < best) [best, nearest] = [far, word];
      }
      return nearest;
    }

    // Any dot says its word under the pointer.
    point(word) {
      if (!this.hover) return;
      const known = word < 0 || this.shown.includes(word);
      this.hover.textContent = known ? "" : this.words[word];
      this.figure.style.cursor = word < 0 ? "" : "pointer";
      if (known) return;
      const atRight = this.px(word) > this.size.width / 2;
      fill(this.hover, { x: this.px(word) + (atRight ? -6 : 6), y: this.py(word) - 5 }, []);
      this.hover.setAttribute("text-anchor", atRight ? "end" : "start");
    }
  }

  // ---- A field that takes a word ---------------------------------------------------------------------------------

  const SUGGESTIONS = 8;
  let fieldsMade = 0;

  /** A combobox as ARIA describes it: the list of suggestions is walked with the arrow keys, focus stays in the field. */
  class WordField {
    constructor(label, words, changed) {
      const id = `explorer-field-${++fieldsMade}`;
      Object.assign(this, { id, words, changed, word: -1, active: -1, offered: [] });
      this.rows = new Map(words.map((word, row) => [word, row]));
      this.input = el("input", {
        id, type: "text", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
        "aria-controls": `${id}-list`, "aria-describedby": `${id}-note`,
        autocomplete: "off", autocapitalize: "none", spellcheck: "false",
        oninput: () => this.typed(),
        onkeydown: (event) => this.key(event),
        onfocus: () => this.input.select(),
        onblur: () => this.set(this.word), // what was begun and not finished gives way to the word that is shown
      });
      this.list = el("ul", { id: `${id}-list`, role: "listbox", "aria-label": `Words for: ${label}`, hidden: true });
      this.note = el("p", { id: `${id}-note`, class: "explorer__note" });
      const name = el("label", { for: id }, label);
      this.element = el("div", { class: "explorer__field" }, name, this.input, this.list, this.note);
    }

    set(word) {
      this.word = word;
      this.input.value = this.words[word];
      this.complain("");
      this.close();
    }

    typed() {
      const text = this.input.value.trim().toLowerCase();
      const word = this.rows.get(text) ?? -1;
      const begins = text ? this.words.flatMap((other, row) => (other.startsWith(text) ? [row] : [])) : [];
      this.open(begins.filter((row) => row !== word).slice(0, SUGGESTIONS));
      const unknown = text !== "" && word < 0 && !begins.length;
      this.complain(unknown ? `“${text}” is not among the ${this.words.length.toLocaleString("en")} words.` : "");
      if (word < 0 || word === this.word) return;
      this.word = word;
      this.changed();
    }

    complain(text) {
      this.note.textContent = text;
      if (text) this.input.setAttribute("aria-invalid", "true");
      else this.input.removeAttribute("aria-invalid");
    }

    open(offered) {
      this.offered = offered;
      this.list.replaceChildren(
        ...offered.map((row, at) =>
          // Not a click: the field would lose the focus, and close the list, before it came.
          el("li", {
            id: `${this.id}-${at}`, role: "option", "aria-selected": "false",
            onpointerdown: (event) => { event.preventDefault(); this.choose(row); },
          }, this.words[row]),
        ),
      );
      this.list.hidden = !offered.length;
      this.input.setAttribute("aria-expanded", String(offered.length > 0));
      this.walk(-1);
    }

    close() {
      this.open([]);
    }

    walk(to) {
      this.active = to;
      [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === to)));
      if (to < 0) this.input.removeAttribute("aria-activedescendant");
      else this.input.setAttribute("aria-activedescendant", `${this.id}-${to}`);
    }

    choose(row) {
      this.set(row);
      this.changed();
    }

    key(event) {
      const count = this.offered.length;
      if (event.key === "ArrowDown" && !count) this.typed();
      else if (event.key === "ArrowDown") this.walk((this.active + 1) % count);
      else if (event.key === "ArrowUp" && count) this.walk(this.active > 0 ? this.active - 1 : count - 1);
      else if (event.key === "Enter" && this.active >= 0) this.choose(this.offered[this.active]);
      else if (event.key === "Enter" && count && !this.rows.has(this.input.value.trim().toLowerCase())) this.choose(this.offered[0]);
      else if (event.key === "Enter") this.close();
      else if (event.key === "Escape" && count) this.close();
      else if (event.key === "Escape") this.input.value = "";
      else return;
      event.preventDefault();
    }
  }

  // ---- The views -------------------------------------------------------------------------------------------------

  /** What each view asks for, and what it shows of one space: elements, and a few words for those who listen. */
  const VIEWS = {
    neighbours: {
      tab: "Neighbours",
      fields: ["Word"],
      examples: ["cat", "good", "terrible", "bank", "queen", "paris"],
      show({ space, words, map, go }, [word]) {
        const scores = space.similarities(space.unit(word));
        const near = largest(scores, TOP, [word]);
        map.show(word, near);
        const caption = `The ${TOP} words nearest to ${words[word]}`;
        return {
          parts: [ranking(caption, near, scores, words, go), map.figure],
          said: near.slice(0, 3).map((other) => words[other]).join(", "),
        };
      },
    },
    compare: {
      tab: "Two words",
      fields: ["Word", "Other word"],
      examples: ["cat,dog", "good,bad", "good,great", "king,queen", "paris,france"],
      show({ space, words }, [a, b]) {
        const scores = space.similarities(space.unit(a));
        const back = space.similarities(space.unit(b));
        const places = [rankOf(scores, a, b), rankOf(back, b, a)];
        const sentence = (from, to, place) => `${words[to]} is the ${ordinal(place)}nearest word to ${words[from]}`;
        return {
          parts: [
            el("p", { class: "explorer__figure" }, number(scores[b]), el("span", {}, " cosine")),
            histogram(scores, a, b, words, space),
            el("p", {}, `${sentence(a, b, places[0])}; ${sentence(b, a, places[1])}.`),
          ],
          said: number(scores[b]),
        };
      },
    },
    analogy: {
      tab: "Analogy",
      fields: ["Word", "is to", "as"],
      after: "is to …",
      examples: ["man,king,woman", "france,paris,germany", "good,better,bad", "walk,walked,play"],
      show({ space, words, go }, [a, b, c]) {
        const scores = space.similarities(space.analogy(a, b, c));
        const found = largest(scores, 5, [a, b, c]);
        const caption = `${words[a]} is to ${words[b]} as ${words[c]} is to …`;
        return { parts: [ranking(caption, found, scores, words, go)], said: words[found[0]] };
      },
    },
    path: {
      tab: "Path",
      fields: ["From", "To"],
      examples: ["cat,king", "good,bad", "milk,river", "love,war"],
      show({ space, words, go }, [start, goal]) {
        const steps = space.path(start, goal);
        const items = steps.map((word, at) => {
          const next = steps[at + 1];
          const step = next === undefined ? [] : [el("span", { class: "explorer__step" }, number(space.similarity(word, next)))];
          return el("li", {}, link(word, words, go), ...step);
        });
        return {
          parts: [el("ol", { class: "explorer__path" }, ...items)],
          said: steps.map((word) => words[word]).join(", "),
        };
      },
    },
  };

  function link(word, words, go) {
    return el("button", { type: "button", class: "explorer__word", onclick: () => go(word) }, words[word]);
  }

  function ranking(caption, found, scores, words, go) {
    const rows = found.map((word) =>
      el("tr", {},
        el("th", { scope: "row" }, link(word, words, go)),
        el("td", { style: `--explorer-share: ${Math.max(0, scores[word]) * 100}%` }, number(scores[word])),
      ),
    );
    const head = el("tr", {}, el("th", { scope: "col" }, "word"), el("th", { scope: "col" }, "cosine"));
    return el("table", { class: "explorer__ranking" },
      el("caption", { class: "explorer__hidden" }, caption), el("thead", { class: "explorer__hidden" }, head), el("tbody", {}, ...rows));
  }

  const rankOf = (scores, from, to) =>
    1 + scores.reduce((nearer, score, word) => nearer + (word !== from && word !== to && score > scores[to]), 0);

  function ordinal(place) {
    if (place === 1) return "";
    const ending = { one: "st", two: "nd", few: "rd", other: "th" };
    return place.toLocaleString("en") + ending[new Intl.PluralRules("en", { type: "ordinal" }).select(place)] + "-";
  }

  /** How similar all words are to one, and where among them the other stands. */
  function histogram(scores, from, other, words, space) {
    const [width, height, bins] = [300, 84, 60];
    const counts = new Array(bins).fill(0);
    scores.forEach((score, word) => {
      if (word !== from) counts[Math.min(bins - 1, Math.floor(((score + 1) / 2) * bins))]++;
    });
    const most = Math.max(...counts);
    const x = (score) => ((score + 1) / 2) * width;
    const bars = counts.map((count, at) => {
      const tall = (count / most) * (height - 34);
      return svg("rect", { x: at * (width / bins), y: height - 16 - tall, width: width / bins - 1, height: tall });
    });
    const at = x(scores[other]);
    const anchor = at > width - 60 ? "end" : at < 60 ? "start" : "middle";
    const ticks = [-1, 0, 1].map((tick) =>
      svg("text", { x: x(tick), y: height - 3, "text-anchor": tick < 0 ? "start" : tick > 0 ? "end" : "middle" }, String(tick).replace("-", "−")),
    );
    const label = `Cosines of ${words[from]} with all words: ${words[other]} is at ${number(scores[other])}`;
    return svg("svg", { class: "explorer__histogram", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
      svg("line", { x1: 0, x2: width, y1: height - 16, y2: height - 16 }), ...bars, ...ticks,
      svg("path", { d: `M${at} 16V${height - 16}`, class: "explorer__place" }),
      svg("path", { d: MARKERS[space.key], class: "explorer__self", transform: `translate(${at} 18) scale(5)` }),
      svg("text", { x: at, y: 9, "text-anchor": anchor, class: "explorer__self-name" }, words[other]),
    );
  }

  // ---- The page --------------------------------------------------------------------------------------------------

  function start({ words, spaces }) {
    const rows = new Map(words.map((word, row) => [word, row]));
    const state = { view: "neighbours", words: [rows.get("cat") ?? 0] };
    const status = el("p", { class: "explorer__hidden", role: "status" });
    const form = el("form", { class: "explorer__form", onsubmit: (event) => event.preventDefault() });
    const examples = el("p", { class: "explorer__examples" });
    const share = el("button", { type: "button", class: "explorer__share", onclick: copyLink }, "Copy link to this view");
    let fields = [];
    let announcing = 0;

    const go = (word) => turnTo("neighbours", [word]);
    const panels = spaces.map((space) => {
      const marker = svg("svg", { viewBox: "-1.3 -1.3 2.6 2.6", "aria-hidden": "true" }, svg("path", { d: MARKERS[space.key] }));
      const body = el("div", { class: "explorer__body" });
      const id = `explorer-space-${space.key}`;
      const element = el("section", { class: "explorer__space", "aria-labelledby": id, style: `--explorer-colour: var(--explorer-${space.key})` },
        el("h2", { id }, marker, space.title), el("p", { class: "explorer__teacher" }, space.teacher), body);
      return { space, words, go, body, element, map: new SpaceMap(space, words, go) };
    });

    const tabs = Object.entries(VIEWS).map(([view, { tab }]) =>
      el("button", {
        type: "button", role: "tab", id: `explorer-tab-${view}`, "aria-controls": "explorer-panel",
        onclick: () => state.view === view || turnTo(view),
        onkeydown: moveTab,
      }, tab),
    );

    function moveTab(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = tabs[(tabs.indexOf(event.currentTarget) + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    }

    /** Change to a view; without words it begins with those on the page, filled up from its first example. */
    function turnTo(view, chosen, { address = true } = {}) {
      const first = VIEWS[view].examples[0].split(",").map((word) => rows.get(word) ?? 0);
      const kept = chosen ?? (VIEWS[view].fields.length === state.words.length ? state.words : first);
      Object.assign(state, { view, words: kept });
      setUp();
      answer(address);
    }

    function setUp() {
      const view = VIEWS[state.view];
      tabs.forEach((tab) => {
        const selected = tab.id === `explorer-tab-${state.view}`;
        tab.setAttribute("aria-selected", String(selected));
        tab.tabIndex = selected ? 0 : -1;
      });
      panel.setAttribute("aria-labelledby", `explorer-tab-${state.view}`);
      if (form.dataset.view !== state.view) {
        form.dataset.view = state.view;
        fields = view.fields.map((label) => new WordField(label, words, fieldChanged));
        const after = view.after ? [el("span", { class: "explorer__after" }, view.after)] : [];
        form.replaceChildren(...fields.map((field) => field.element), ...after);
        const chips = view.examples
          .map((example) => example.split(","))
          .filter((example) => example.every((word) => rows.has(word)))
          .map((example) =>
            el("button", { type: "button", onclick: () => turnTo(state.view, example.map((word) => rows.get(word))) },
              example.join(state.view === "path" ? " → " : state.view === "analogy" ? " : " : " · ")));
        examples.replaceChildren("Try ", ...chips);
      }
      fields.forEach((field, at) => field.set(state.words[at]));
    }

    function fieldChanged() {
      state.words = fields.map((field) => field.word);
      answer();
    }

    function answer(address = true) {
      const view = VIEWS[state.view];
      const said = panels.map((panel) => {
        const { parts, said } = view.show(panel, state.words);
        panel.body.replaceChildren(...parts);
        return `${panel.space.title}: ${said}.`;
      });
      results.dataset.view = state.view;
      const names = state.words.map((word) => words[word]);
      if (address) history.replaceState(history.state, "", `#${state.view}=${names.join(",")}`);
      // Who listens wants the answer once typing has paused, not one for each letter.
      clearTimeout(announcing);
      announcing = setTimeout(() => { status.textContent = `${view.tab}, ${names.join(", ")}. ${said.join(" ")}`; }, 700);
    }

    /** Take the view from the page's address; one that names no view or unknown words is left alone. */
    function fromAddress() {
      // Words hold letters only, so the parts that matter need no decoding but that of their commas.
      const [view, list = ""] = location.hash.slice(1).replaceAll("%2C", ",").split("=");
      if (!Object.hasOwn(VIEWS, view)) return false;
      const chosen = list.toLowerCase().split(",").map((word) => rows.get(word));
      if (chosen.length !== VIEWS[view].fields.length || chosen.includes(undefined)) return false;
      turnTo(view, chosen);
      return true;
    }

    async function copyLink() {
      await navigator.clipboard.writeText(location.href);
      share.textContent = status.textContent = "Link copied";
      setTimeout(() => { share.textContent = "Copy link to this view"; }, 2000);
    }

    const results = el("div", { class: "explorer__spaces" }, ...panels.map(({ element }) => element));
    const panel = el("div", { id: "explorer-panel", role: "tabpanel" }, form, examples, results);
    const bar = el("div", { class: "explorer__bar" },
      el("div", { class: "explorer__tabs", role: "tablist", "aria-label": "What to look at" }, ...tabs), share);
    root.replaceChildren(bar, panel, status);
    if (!fromAddress()) turnTo(state.view, state.words, { address: false });
    window.addEventListener("hashchange", fromAddress);
    new MutationObserver(() => panels.forEach(({ map }) => map.draw())).observe(document.documentElement, {
      attributes: true, attributeFilter: ["data-theme"],
    });
    return { words, spaces: Object.fromEntries(spaces.map((space) => [space.key, space])), rows, largest };
  }

  // The element carries what was computed, for whoever wants to look on in the console, and for the tests.
  root.append(el("p", { role: "status" }, "Reading the words …"));
  root.explorer = load().then(start);
  root.explorer.catch((error) => {
    root.replaceChildren(el("p", { role: "alert" }, `The explorer's files could not be read (${error.message}). Load the page again.`));
  });
})();
