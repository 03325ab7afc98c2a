// The chooser: looks up, for a reader's answers, the advice that the build has computed, and shows it.
"use strict";

(() => {
  const root = document.querySelector(".chooser");
  if (!root) return;

  const data = JSON.parse(root.querySelector(".chooser__data").textContent);
  const form = root.querySelector(".chooser__form");
  const advice = root.querySelector(".chooser__advice");
  const numbers = root.querySelector(".chooser__numbers");
  const source = root.querySelector(".chooser__source");

  function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  const controls = (name) => [...form.querySelectorAll(`[name="${name}"]`)];
  const chosen = (name) => controls(name).find((radio) => radio.checked)?.value;
  const nearest = (values, wanted, distance) =>
    values.reduce((best, value) => (distance(value, wanted) < distance(best, wanted) ? value : best));
  const ratio = (a, b) => Math.abs(Math.log(a / b));
  const difference = (a, b) => Math.abs(a - b);

  // ---- Answers -----------------------------------------------------------------------------------------------------

  function read() {
    const like = chosen("like");
    const kind = data.kinds[like];
    return {
      like,
      texts: kind.sizes[Number(controls(`texts-${like}`)[0].value)],
      words: Number(chosen(`words-${like}`)),
      own: chosen(`own-${like}`) ?? "no",
      first: chosen("first"),
    };
  }

  /** Set all questions, on sizes and shares that were measured nearest to those that are asked for. */
  function write(answers) {
    const kind = data.kinds[answers.like];
    const tick = (name, value) => controls(name).forEach((radio) => { radio.checked = radio.value === String(value); });
    tick("like", answers.like);
    tick("first", answers.first);
    tick(`own-${answers.like}`, answers.own);
    tick(`words-${answers.like}`, nearest(kind.levels, answers.words, difference));
    controls(`texts-${answers.like}`)[0].value = kind.sizes.indexOf(nearest(kind.sizes, answers.texts, ratio));
  }

  /** Take the answers from the page's address; one that holds none, or wrong ones, is left alone. */
  function fromAddress() {
    const said = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    const whole = Object.hasOwn(data.kinds, said.like ?? "") && Number(said.texts) > 0 && Number(said.words) >= 0 &&
      ["yes", "no"].includes(said.own) && ["accuracy", "small"].includes(said.first);
    if (!whole) return false;
    write({ ...said, texts: Number(said.texts), words: Number(said.words) });
    show();
    return true;
  }

  // ---- Advice ------------------------------------------------------------------------------------------------------

  function show() {
    const answers = read();
    const kind = data.kinds[answers.like];
    form.querySelectorAll(".chooser__kind").forEach((part) => { part.hidden = part.dataset.kind !== answers.like; });
    const texts = answers.texts.toLocaleString("en");
    const slider = controls(`texts-${answers.like}`)[0];
    slider.setAttribute("aria-valuetext", `${texts} texts`);
    slider.parentElement.querySelector(".chooser__texts").textContent = texts;

    const key = [answers.texts, answers.words, Number(answers.own === "yes"), Number(answers.first === "small")].join("/");
    const entry = kind.entries[kind.advice[key]];
    advice.replaceChildren(el("strong", {}, `${data.ways[entry.way]}.`), " ", el("span", {}, entry.why));
    numbers.replaceChildren(table(entry, kind.arms, kind.cells[kind.sizes.indexOf(answers.texts)]));
    source.textContent = `Read off the curves of ${kind.source} at ${texts} labelled texts; ${kind.seeds} seeds, 95 % ` +
      "intervals, which the bars draw on one scale for all sizes. Frozen vectors must be stored, too, though they are " +
      "not among the weights trained. Seconds are medians of runs that shared a machine.";
  }

  function table(entry, arms, cells) {
    const reached = entry.rows.map(([, arm]) => cells[arm]);
    const heads = ["way", "accuracy (%)", "lead of the advice (points)"];
    const further = [["weights trained", 2], ["seconds", 3]].filter(([, place]) => reached.some((cell) => cell[place]));
    const head = el("tr", {}, ...[...heads, ...further.map(([name]) => name)].map((name) => el("th", { scope: "col" }, name)));
    const rows = entry.rows.map(([way, arm, lead], at) => {
      const [accuracy, [low, mean, high]] = reached[at];
      const name = el("th", { scope: "row" }, data.ways[way] + (arms[arm] ? ` (${arms[arm]})` : ""));
      const bar = el("span", { class: "chooser__bar", style: `--low: ${low}%; --mean: ${mean}%; --high: ${high}%` });
      const rest = further.map(([, place]) => el("td", {}, reached[at][place]));
      const line = el("tr", {}, name, el("td", {}, accuracy, bar), el("td", {}, lead || "this one"), ...rest);
      if (!lead) line.className = "chooser__recommended";
      return line;
    });
    return el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
  }

  // ---- What the reader does ----------------------------------------------------------------------------------------

  let before = "";

  function changed(event) {
    if (event.target.name === "like") {
      // The answers so far hold for the other kind of texts, too.
      write({ ...before, like: event.target.value });
    }
    show();
    before = { ...read(), own: form.querySelector(`[name="own-${read().like}"]`) ? read().own : before.own };
    history.replaceState(history.state, "", `#${new URLSearchParams(before)}`);
  }

  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  root.querySelector("details").open = false;
  form.hidden = root.querySelector(".chooser__answer").hidden = false;
  if (fromAddress()) root.scrollIntoView();
  else show();
  before = read();
  window.addEventListener("hashchange", () => { if (fromAddress()) before = read(); });
})();
