// Paper is white: a page that is read in the dark theme is printed in the light one.
"use strict";

(() => {
  const page = document.documentElement.dataset;
  let onScreen = page.theme;

  window.addEventListener("beforeprint", () => {
    onScreen = page.theme;
    page.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    page.theme = onScreen;
  });
})();
