/* The running difference while bank lines and payments are picked for a match.

   Hooks:
     form[data-tie]                  boxes inside with data-side="line" or "payment" and data-cents
     data-base                       cents of the line that the page is about
     [data-tie-lines], [data-tie-payments], [data-tie-difference], [data-tie-bar], [data-tie-go]
   Without this script the server says the same after the click. */
(function () {
  "use strict";
  function money(cents) {
    var text = (Math.abs(cents) / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    return (cents < 0 ? "\u2212$" : "$") + text;
  }
  function picked(form, side) {
    return Array.from(form.querySelectorAll("input[data-side='" + side + "']:checked"));
  }
  function sum(boxes) {
    return boxes.reduce(function (total, box) { return total + Number(box.dataset.cents); }, 0);
  }
  function show(form) {
    var payments = picked(form, "payment");
    var left = Number(form.dataset.base) + sum(picked(form, "line"));
    var right = sum(payments);
    var bar = form.querySelector("[data-tie-bar]");
    var even = payments.length > 0 && left === right;
    bar.dataset.even = even || !payments.length ? "yes" : "no";
    form.querySelector("[data-tie-lines]").textContent = money(left);
    form.querySelector("[data-tie-payments]").textContent = money(right);
    var difference = form.querySelector("[data-tie-difference]");
    difference.textContent = money(left - right);
    difference.className = even ? "t-ok" : "t-override";
    var go = form.querySelector("[data-tie-go]");
    go.disabled = !payments.length;
    go.textContent = payments.length ? "Match " + money(Math.min(left, right)) : "Pick a payment";
    form.querySelectorAll("tr").forEach(function (row) {
      var box = row.querySelector("input[type='checkbox']");
      if (box) row.classList.toggle("is-selected", box.checked);
    });
  }
  document.addEventListener("change", function (event) {
    var form = event.target.closest && event.target.closest("form[data-tie]");
    if (form) show(form);
  });
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-tie]").forEach(show);
  });
})();
