// Draws the page's figures: Plotly is fetched when the first one comes near the view, from this site only.
"use strict";

(() => {
  const PAPER_WIDTH = 640; // pixels; the column of a page of A4 or Letter with a browser's usual margins
  const plotlyAddress = document.currentScript.dataset.plotly;
  let plotly = null;

  function loadPlotly() {
    plotly ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = plotlyAddress;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error(`cannot load ${plotlyAddress}`));
      document.head.append(script);
    });
    return plotly;
  }

  // A browser that prints waits for no download, so this one request makes everything else wait. A page that is opened
  // from a disk may not ask for a file like that, and need not: it loads Plotly in the beginning, which costs it little.
  if (location.protocol === "file:") loadPlotly();
  function loadPlotlyAtOnce() {
    if (window.Plotly) return;
    const request = new XMLHttpRequest();
    request.open("GET", plotlyAddress, false);
    request.send();
    const script = document.createElement("script");
    script.textContent = request.responseText;
    document.head.append(script);
    plotly = Promise.resolve(window.Plotly);
  }

  // Text takes the theme's colour and font, so a figure reads in light and dark.
  function themed() {
    const style = getComputedStyle(document.body);
    return { "font.color": style.color, "font.family": style.fontFamily };
  }

  /** Break a text into lines of at most so many characters, between words. */
  function inLines(text, longest) {
    return text.split(" ").reduce((lines, word) => {
      const longer = `${lines.at(-1) ?? ""} ${word}`.trim();
      return longer.length <= longest ? [...lines.slice(0, -1), longer] : [...lines, word];
    }, []);
  }

  // On a phone an axis may be shorter than its title, which Plotly lets run out of the figure.
  function fitTitles(place) {
    const all = place.getBoundingClientRect();
    const changes = {};
    for (const title of place.querySelectorAll(".xtitle, .ytitle")) {
      const [from, to] = title.matches(".xtitle") ? ["left", "right"] : ["top", "bottom"];
      const box = title.getBoundingClientRect();
      const room = 2 * Math.min((box[from] + box[to]) / 2 - all[from], all[to] - (box[from] + box[to]) / 2) - 12;
      const length = box[to] - box[from];
      if (length <= room) continue;
      const axis = from === "left" ? "xaxis" : "yaxis";
      const text = title.textContent;
      changes[`${axis}.title.text`] = inLines(text, Math.floor((text.length * room) / length)).join("<br>");
    }
    return Object.keys(changes).length ? window.Plotly.relayout(place, changes) : null;
  }

  async function draw(place, width) {
    const holder = place.querySelector(".book-figure__data");
    if (!holder) return;
    const { data, layout } = JSON.parse(holder.textContent);
    const Plotly = await loadPlotly();
    if (!holder.isConnected) return; // drawn meanwhile, for paper, which waits for nothing
    place.replaceChildren();
    const { "font.color": color, "font.family": family } = themed();
    layout.font = { ...layout.font, color, family };
    layout.width = width;
    await Plotly.newPlot(place, data, layout, { responsive: true, displayModeBar: false });
    await fitTitles(place);
    place.dataset.drawn = "true";
  }

  const places = [...document.querySelectorAll(".book-figure__plot")];
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        watcher.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "400px" },
  );
  places.forEach((place) => watcher.observe(place));

  new MutationObserver(() => {
    for (const place of places) {
      if (place.dataset.drawn) window.Plotly.relayout(place, themed());
    }
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  // Paper shows every figure, also those that were never scrolled to, and is as wide as it is.
  window.addEventListener("beforeprint", () => {
    loadPlotlyAtOnce();
    for (const place of places) {
      if (place.dataset.drawn) window.Plotly.relayout(place, { width: PAPER_WIDTH });
      else draw(place, PAPER_WIDTH);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const place of places) {
      if (!place.dataset.drawn) continue;
      delete place.layout.width; // set to nothing it would be left as it is
      window.Plotly.relayout(place, { autosize: true });
    }
  });
})();
