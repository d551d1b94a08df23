/* Keys for lists and for the work pane, and the sum of what is selected.

   Hooks:
     table[data-rows]                a list; tbody rows move with J and K
     tr[data-href] or the first a    opens with Enter or a click
     tr[data-cents]                  counts into the sum of the selection
     [data-select-all]               the box in the head
     [data-bulk]                     the bar of the selection: [data-bulk-count], [data-bulk-sum], [data-bulk-clear];
                                     a form in it gets the chosen ids as `id`
     [data-key="n"]                  any link or button that answers to a key (n, z, a, w, r, t, 1, 2, left, right)
     [data-filter-field]             gets the focus with /
   Single letters never fire while typing, and can be switched off in the list of keys. */
(function () {
  "use strict";
  var all = window.cleanclaim.all;
  var jumps = { t: "/", q: "/work", p: "/practices", u: "/patients", s: "/sessions", c: "/claims", b: "/batches", x: "/rejections", r: "/remittances", f: "/bank", d: "/denials", a: "/balances", m: "/month", n: "/practice-rules", k: "/rule-book", l: "/audit", e: "/users", o: "/settings" };
  var waitingForJump = 0;

  function lettersOn() {
    try { return localStorage.getItem("keys") !== "off"; } catch (e) { return true; }
  }
  function rows() {
    return all("[data-rows] tbody tr, [data-rows][role='list'] > li").filter(function (row) { return row.offsetParent; });
  }
  function currentAt(list) { return list.findIndex(function (row) { return row.classList.contains("is-current"); }); }
  function move(step) {
    var list = rows();
    if (!list.length) return;
    var at = currentAt(list);
    var next = at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + step));
    list.forEach(function (row, index) { row.classList.toggle("is-current", index === next); });
    list[next].scrollIntoView({ block: "nearest" });
    var link = list[next].querySelector("a[href]");
    if (link) link.focus({ preventScroll: true });
  }
  function open(row) {
    var link = row.querySelector("[data-open]") || row.querySelector("a[href]");
    if (link) link.click();
    else if (row.dataset.href) location.href = row.dataset.href;
  }
  function typing(el) {
    return el.matches && el.matches("input:not([type='checkbox']):not([type='radio']), textarea, select, [contenteditable='true']");
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") { window.cleanclaim.openDialog("keys-help"); event.preventDefault(); return; }
    if (event.key === "/") {
      var field = document.querySelector("[data-filter-field]");
      if (field) { field.focus(); event.preventDefault(); }
      return;
    }
    if (!lettersOn()) return;
    var key = event.key.length === 1 ? event.key.toLowerCase() : { ArrowLeft: "left", ArrowRight: "right" }[event.key];
    if (event.key === "Enter") {
      var list = rows();
      var at = currentAt(list);
      if (at >= 0 && !event.target.closest("a, button, summary")) { open(list[at]); event.preventDefault(); }
      return;
    }
    if (!key) return;
    if (waitingForJump > Date.now()) {
      waitingForJump = 0;
      if (jumps[key]) { location.href = jumps[key]; event.preventDefault(); }
      return;
    }
    if (key === "g") { waitingForJump = Date.now() + 1200; return; }
    if (key === "j" || key === "k") { move(key === "j" ? 1 : -1); event.preventDefault(); return; }
    if (key === "x") {
      var shown = rows();
      var here = currentAt(shown);
      var box = here >= 0 && shown[here].querySelector("input[type='checkbox']");
      if (box) { box.click(); return; }
    }
    if (key === "t") {
      var story = document.getElementById("timeline");
      if (story) { story.scrollIntoView({ block: "start" }); return; }
    }
    var bound = document.querySelector("[data-key='" + CSS.escape(key) + "']") || (key === "r" && document.querySelector("[data-drawer][aria-controls='raw']"));
    if (bound && bound.offsetParent !== null) { bound.click(); event.preventDefault(); }
  });

  document.addEventListener("click", function (event) {
    var row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, summary") && !String(getSelection())) location.href = row.dataset.href;
    if (event.target.closest("[data-bulk-clear]")) {
      all("[data-rows] input[type='checkbox']").forEach(function (box) { box.checked = false; });
      sum();
    }
  });

  function sum() {
    var cents = 0;
    var unknown = 0;
    var ids = [];
    all("[data-rows] tbody tr").forEach(function (row) {
      var box = row.querySelector("input[type='checkbox']");
      var on = Boolean(box && box.checked);
      row.classList.toggle("is-selected", on);
      if (!on) return;
      ids.push(box.value);
      if (row.dataset.cents === undefined || row.dataset.cents === "") unknown += 1;
      else cents += Number(row.dataset.cents);
    });
    var bar = document.querySelector("[data-bulk]");
    if (!bar) return;
    bar.hidden = ids.length === 0;
    var count = bar.querySelector("[data-bulk-count]");
    var total = bar.querySelector("[data-bulk-sum]");
    if (count) count.textContent = ids.length.toLocaleString("en-US");
    if (total) {
      var sign = cents < 0 ? "\u2212$" : "$";
      total.textContent = sign + (Math.abs(cents) / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) + (unknown ? " and " + unknown + " unknown" : "");
    }
    all("[data-bulk-ids]", bar).forEach(function (slot) {
      slot.replaceChildren.apply(slot, ids.map(function (id) {
        var field = document.createElement("input");
        field.type = "hidden";
        field.name = "id";
        field.value = id;
        return field;
      }));
    });
  }
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (box.matches("[data-keys-switch]")) {
      try { localStorage.setItem("keys", box.checked ? "on" : "off"); } catch (e) { /* storage refused */ }
      return;
    }
    var table = box.closest("[data-rows]");
    if (!table || box.type !== "checkbox") return;
    if (box.matches("[data-select-all]")) {
      all("tbody input[type='checkbox']:not(:disabled)", table).forEach(function (one) { one.checked = box.checked; });
    }
    sum();
  });
  document.addEventListener("DOMContentLoaded", function () {
    var box = document.querySelector("[data-keys-switch]");
    if (box) box.checked = lettersOn();
    sum();
  });
  document.addEventListener("htmx:afterSwap", sum);
})();
