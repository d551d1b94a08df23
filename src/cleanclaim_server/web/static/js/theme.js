/* Sets the theme before the first paint. Loaded in <head> without defer; nothing else may go here. */
(function () {
  "use strict";
  var wanted = null;
  try { wanted = localStorage.getItem("theme"); } catch (e) { /* storage refused */ }
  if (wanted !== "dark" && wanted !== "light") {
    wanted = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.theme = wanted;
})();
