"use strict";
// The page is whole without this: it only lets a reader hide methods, change the metric and point at values.
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const arms = [...document.querySelectorAll(".chart .arm")];
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));

  for (const button of document.querySelectorAll("button[data-arm]")) {
    const own = arms.filter((arm) => arm.dataset.arm === button.dataset.arm);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      press(button, on);
      own.forEach((arm) => arm.classList.toggle("off", !on));
    });
    const dim = (others) => arms.forEach((arm) => arm.classList.toggle("dim", others && !own.includes(arm)));
    button.addEventListener("mouseenter", () => dim(true));
    button.addEventListener("mouseleave", () => dim(false));
    button.addEventListener("focus", () => dim(button.matches(":focus-visible")));
    button.addEventListener("blur", () => dim(false));
  }

  const metrics = [...document.querySelectorAll("button[data-metric]")];
  const show = (metric) => {
    for (const figure of document.querySelectorAll("figure[data-metric]")) {
      figure.style.display = figure.dataset.metric === metric ? "block" : "none";
    }
    metrics.forEach((button) => press(button, button.dataset.metric === metric));
  };
  metrics.forEach((button) => button.addEventListener("click", () => show(button.dataset.metric)));

  const hint = document.createElement("div");
  hint.className = "hint";
  hint.hidden = true;
  hint.setAttribute("aria-hidden", "true");
  document.body.append(hint);
  for (const point of document.querySelectorAll(".chart .point")) {
    point.querySelector("title").remove();  // or the browser would show a second hint
    point.addEventListener("mousemove", (event) => {
      hint.textContent = point.dataset.hint;
      hint.hidden = false;
      hint.style.left = `${Math.min(event.clientX + 14, window.innerWidth - hint.offsetWidth - 8)}px`;
      hint.style.top = `${event.clientY + 16}px`;
    });
    point.addEventListener("mouseleave", () => { hint.hidden = true; });
  }
})();
