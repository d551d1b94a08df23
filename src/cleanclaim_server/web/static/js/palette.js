/* The command palette. Ctrl K opens it; pages are filtered here, records are found by /search through HTMX. */
(function () {
  "use strict";
  var all = window.cleanclaim.all;
  var dialog, field;

  function choices() { return all("#palette a[href]").filter(function (link) { return link.offsetParent; }); }
  function choose(step) {
    var links = choices();
    if (!links.length) return;
    var at = links.findIndex(function (link) { return link.classList.contains("on"); });
    var next = (at + step + links.length) % links.length;
    links.forEach(function (link, index) { link.classList.toggle("on", index === next); });
    links[next].scrollIntoView({ block: "nearest" });
  }
  function filterPages() {
    var words = field.value.trim().toLowerCase();
    all("[data-palette-pages] li").forEach(function (item) {
      item.hidden = Boolean(words) && item.querySelector("a").dataset.words.indexOf(words) < 0;
    });
    if (!words) document.getElementById("palette-found").replaceChildren();
    mark();
  }
  function mark() {
    var links = choices();
    links.forEach(function (link, index) { link.classList.toggle("on", index === 0); });
  }
  function openPalette() {
    if (!window.cleanclaim.openDialog("palette")) return;
    field.value = "";
    filterPages();
    field.focus();
  }
  document.addEventListener("DOMContentLoaded", function () {
    dialog = document.getElementById("palette");
    field = document.getElementById("palette-q");
    if (!dialog) return;
    all("[data-palette]").forEach(function (button) { button.addEventListener("click", openPalette); });
    field.addEventListener("input", filterPages);
    dialog.addEventListener("htmx:afterSwap", mark);
    dialog.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { dialog.close(); event.preventDefault(); return; } // a search field would only be cleared
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { choose(event.key === "ArrowDown" ? 1 : -1); event.preventDefault(); }
      if (event.key === "Enter") {
        var link = dialog.querySelector("a.on");
        if (link) { link.click(); event.preventDefault(); }
      }
    });
  });
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { openPalette(); event.preventDefault(); }
  });
})();
