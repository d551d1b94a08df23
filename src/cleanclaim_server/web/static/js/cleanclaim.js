/* What every page needs: theme, navigation, popovers, dialogs, drawer, toasts, and manners for HTMX.

   Hooks (all by attribute, none by class):
     data-theme-toggle            switches light and dark
     data-nav-toggle              opens the navigation on a phone
     data-pop aria-controls       opens a popover; a click elsewhere or Escape closes it
     data-drawer aria-controls    opens and closes a part that stays
     data-raw-open                opens the raw X12 drawer after its content arrived
     data-keys-help, data-close   the list of keys; closes the dialog around it
     data-toast, data-stays       leaves after 6 seconds unless it stays or is hovered
     data-copy="#id"              copies the text of an element
     data-print                   prints the page
     data-set-field, data-set-value   puts a value into a field of the form around it
     data-submit-on-change        a form that sends itself
     data-once                    a form that can be sent once: the button turns busy
     data-drop                    a file field's frame, for dropping a file on
   Nothing here evaluates text as code, and no handler stands in the HTML. */
(function () {
  "use strict";
  var root = document.documentElement;

  function all(selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); }
  function target(button) { return document.getElementById(button.getAttribute("aria-controls")); }
  function setOpen(button, open) {
    var part = target(button);
    if (!part) return;
    button.setAttribute("aria-expanded", String(open));
    part.hidden = !open;
    if (open && part.matches(".menu")) {
      var first = part.querySelector("[aria-current='true'], a, button");
      if (first) first.focus({ preventScroll: true });
    }
  }
  function closePops(except, focus) {
    all("[data-pop][aria-expanded='true']").forEach(function (button) {
      if (button === except) return;
      setOpen(button, false);
      if (focus) button.focus();
    });
  }
  function toggleTheme() {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (e) { /* storage refused */ }
    document.dispatchEvent(new CustomEvent("cleanclaim:theme"));
  }
  function openDialog(id) {
    var dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
    return dialog;
  }

  /* ---------- toasts ---------- */
  function live(toast) {
    if (toast.hasAttribute("data-stays")) return;
    var timer = null;
    function start() { timer = setTimeout(function () { toast.remove(); }, 6000); }
    toast.addEventListener("mouseenter", function () { clearTimeout(timer); });
    toast.addEventListener("mouseleave", start);
    start();
  }
  function toast(text, options) {
    options = options || {};
    var template = document.getElementById("toast-template");
    var box = document.getElementById("toasts");
    if (!template || !box) return;
    var made = template.content.firstElementChild.cloneNode(true);
    made.querySelector("span").textContent = text;
    var glyphs = { ok: "circle-check", stop: "octagon-x", override: "triangle-alert" };
    var use = made.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, "#i-" + (glyphs[options.tone] || "info")));
    made.querySelector(".icon").classList.add("t-" + (options.tone || "soft"));
    if (options.undo && options.undo.charAt(0) === "/" && options.undo.charAt(1) !== "/") {
      var form = made.querySelector("form");
      form.action = options.undo;
      form.hidden = false;
    }
    if (options.tone === "stop") made.setAttribute("data-stays", "");
    box.appendChild(made);
    live(made);
  }

  /* ---------- clicks ---------- */
  document.addEventListener("click", function (event) {
    var el = event.target.closest("button, a, summary");
    if (el) {
      if (el.matches("[data-theme-toggle]")) toggleTheme();
      else if (el.matches("[data-nav-toggle]")) document.body.classList.toggle("nav-open");
      else if (el.matches("[data-keys-help]")) openDialog("keys-help");
      else if (el.matches("[data-close]")) { var around = el.closest("dialog"); if (around) around.close(); }
      else if (el.matches("[data-toast-close]")) el.closest("[data-toast]").remove();
      else if (el.matches("[data-copy]")) copy(el);
      else if (el.matches("[data-print]")) window.print();
      else if (el.matches("[data-set-field]")) setField(el);
      else if (el.matches("[data-pop], [data-drawer]")) {
        if (el.matches("[data-pop]")) closePops(el);
        setOpen(el, el.getAttribute("aria-expanded") !== "true");
        return;
      }
    }
    if (event.target.matches && event.target.matches("dialog")) event.target.close(); // a click on the backdrop
    if (!event.target.closest(".pop")) closePops();
  });
  function setField(button) { // one click settles a disagreement; the form then answers as if it was typed
    var form = button.closest("form");
    var field = form && form.elements[button.getAttribute("data-set-field")];
    if (!field) return;
    field.value = button.getAttribute("data-set-value");
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function copy(button) {
    var from = document.querySelector(button.getAttribute("data-copy"));
    if (!from || !navigator.clipboard) return;
    navigator.clipboard.writeText(from.textContent.trim()).then(function () { toast("Copied", { tone: "ok" }); });
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      closePops(null, true);
      document.body.classList.remove("nav-open");
      return;
    }
    var menu = event.target.closest && event.target.closest(".menu");
    if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      var items = all("a, button", menu);
      var at = items.indexOf(document.activeElement);
      var next = items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length];
      if (next) { next.focus(); event.preventDefault(); }
    }
  });

  /* ---------- forms ---------- */
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    var button = event.submitter || form.querySelector("[type='submit']");
    if (button) button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", function () { // back to a form that was sent
    all("form[data-once]").forEach(function (form) {
      delete form.dataset.sent;
      all("[aria-busy]", form).forEach(function (button) { button.removeAttribute("aria-busy"); });
    });
  });
  ["dragover", "dragleave", "drop"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var box = event.target.closest && event.target.closest("[data-drop]");
      if (!box) return;
      event.preventDefault();
      box.classList.toggle("is-over", name === "dragover");
      if (name === "drop") {
        var field = box.querySelector("input[type='file']");
        if (field && event.dataTransfer.files.length) {
          field.files = event.dataTransfer.files;
          field.dispatchEvent(new Event("change", { bubbles: true }));
        }
      }
    });
  });

  /* ---------- HTMX ---------- */
  var busy = 0;
  var bar = null;
  function loading(change) {
    busy = Math.max(0, busy + change);
    clearTimeout(bar);
    var line = document.getElementById("loading");
    if (!line) return;
    if (busy === 0) line.hidden = true;
    else bar = setTimeout(function () { line.hidden = false; }, 400); // nothing for what is quick
  }
  document.addEventListener("htmx:beforeRequest", function () { loading(1); });
  document.addEventListener("htmx:afterRequest", function () { loading(-1); });
  document.addEventListener("htmx:sendError", function () { toast("The server did not answer. Nothing was changed; try again.", { tone: "stop" }); });
  document.addEventListener("htmx:timeout", function () { toast("This takes too long. Nothing was lost; try again in a minute.", { tone: "stop" }); });
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    var words = {
      401: "Your session ended. Sign in again; nothing was changed.",
      403: "This is not part of your role. Nothing was changed.",
      404: "This is gone, or was never yours to see.",
      409: "Somebody changed this while you looked at it. Open it again to see how it stands.",
      423: "A colleague has this open."
    };
    var id = event.detail.xhr.getResponseHeader("X-Request-ID");
    toast((words[status] || "That did not work, and nothing was changed.") + (id && !words[status] ? " Number to quote: " + id : ""), { tone: "stop" });
  });
  document.addEventListener("toast", function (event) { // HX-Trigger: {"toast": {text, tone, undo}}
    if (event.detail && event.detail.text) toast(event.detail.text, event.detail);
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    var swapped = event.detail.target;
    if (swapped && swapped.id === "raw") showRaw();
  });
  function showRaw() {
    var part = document.getElementById("raw");
    var button = document.querySelector("[data-drawer][aria-controls='raw']");
    if (!part) return;
    if (button && part.hidden) setOpen(button, true);
    var hit = part.querySelector("[data-hit]");
    if (hit) hit.scrollIntoView({ block: "center" });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var here = document.querySelector(".side > nav [aria-current]"); // the pages scroll by themselves
    if (here) { // by hand: scrollIntoView would make the first Tab begin here and pass the way to the content
      var list = here.closest("nav");
      var over = here.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
      if (over > 0) list.scrollTop += over;
    }
    all("[data-toast]").forEach(live);
    all("[data-hit]").slice(0, 1).forEach(function (hit) {
      var box = hit.closest(".x12-page");
      if (box) box.scrollTop = hit.offsetTop - box.clientHeight / 2;
    });
    focusField();
  });
  function focusField() { // an address that ends in #f-name leads to a field: ready to be typed in
    if (location.hash.indexOf("#f-") !== 0) return;
    var field = document.getElementById(location.hash.slice(1));
    if (!field || !field.focus) return;
    field.focus();
    if (field.select) field.select();
    field.scrollIntoView({ block: "center" });
  }

  window.cleanclaim = { all: all, toast: toast, openDialog: openDialog, setOpen: setOpen, closePops: closePops };
})();
