/* Charts from the JSON beside them. Loaded, with the chart library, on pages that have charts.

   Kinds: stacked (columns), bars (lying), waterfall (values are changes; first and last are totals), line.
   Colours are read from the tokens, so that a theme is a redraw. Tooltips are drawn in the canvas: no HTML, no
   inline style. Every chart has a table beside it; without the library the table opens instead. */
(function () {
  "use strict";
  var all = window.cleanclaim.all;
  var drawn = [];

  function token(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function tones() {
    return {
      first: token("--ch-1"), tint: token("--ch-2"), third: token("--ch-3"), fourth: token("--ch-4"), neutral: token("--ch-neutral"),
      up: token("--ch-up"), down: token("--ch-down"), grid: token("--ch-grid"), band: token("--ch-band"), goal: token("--ok-solid"),
      text: token("--text"), soft: token("--text-2"), tick: token("--text-3"), axis: token("--line-2"), pop: token("--bg-pop"), line: token("--line"),
      ages: [1, 2, 3, 4, 5].map(function (n) { return token("--ch-age-" + n); }), ground: token("--bg"), font: token("--font-sans")
    };
  }
  function write(value, unit) {
    if (value === null || value === undefined) return "Unknown";
    var sign = value < 0 ? "\u2212" : "";
    var size = Math.abs(value);
    if (unit === "money") return sign + (size / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    if (unit === "percent") return sign + size.toLocaleString("en-US", { maximumFractionDigits: 1 }) + "%";
    return sign + size.toLocaleString("en-US", { maximumFractionDigits: 1 });
  }
  function tick(value, unit) {
    if (unit !== "money") return write(value, unit);
    var dollars = value / 100;
    if (Math.abs(dollars) >= 1e6) return write(dollars / 1e6, "count") + "M";
    if (Math.abs(dollars) >= 1000) return write(dollars / 1000, "count") + "k";
    return write(dollars, "count");
  }
  function frame(spec, t) {
    return {
      animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 180,
      backgroundColor: "transparent",
      textStyle: { fontFamily: t.font, fontSize: 11, color: t.tick },
      grid: { left: 2, right: 22, top: 22, bottom: 8, containLabel: true },
      tooltip: {
        trigger: "axis", renderMode: "richText", axisPointer: { type: spec.kind === "line" ? "line" : "shadow", lineStyle: { color: t.axis }, shadowStyle: { color: t.grid, opacity: 0.5 } },
        backgroundColor: t.pop, borderColor: t.line, borderWidth: 1, padding: [8, 10], textStyle: { color: t.text, fontSize: 12, fontFamily: t.font },
        formatter: function (points) {
          var lines = [points[0].axisValueLabel];
          points.forEach(function (point) {
            if (point.seriesName.charAt(0) === "\u0000") return;
            var raw = spec.series[point.seriesIndex] ? spec.series[point.seriesIndex].values[point.dataIndex] : point.value;
            lines.push(point.seriesName + "  " + write(raw, spec.unit));
          });
          return lines.join("\n");
        }
      },
      aria: { enabled: true, description: spec.say }
    };
  }
  function category(labels, t, lying) {
    return { type: "category", data: labels, inverse: Boolean(lying), axisTick: { show: false }, axisLine: { show: !lying, lineStyle: { color: t.axis } }, axisLabel: { color: lying ? t.soft : t.tick, fontSize: 11, interval: lying ? 0 : "auto", hideOverlap: true } };
  }
  function amounts(spec, t, more) {
    return Object.assign({ type: "value", axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4, splitLine: { lineStyle: { color: t.grid, width: 1 } }, axisLabel: { color: t.tick, fontSize: 11, formatter: function (value) { return tick(value, spec.unit); } } }, more || {});
  }
  function colourOf(series, index, t) { return series.tone && t[series.tone] ? t[series.tone] : [t.first, t.tint, t.third, t.fourth][index % 4]; }

  var kinds = {
    stacked: function (spec, t) {
      var last = spec.labels.length - 1;
      var o = frame(spec, t);
      o.xAxis = category(spec.labels, t);
      o.yAxis = amounts(spec, t);
      o.series = spec.series.map(function (s, i) {
        var top = i === spec.series.length - 1;
        return {
          type: "bar", stack: "all", name: s.name, data: s.values, barCategoryGap: "42%", itemStyle: { color: colourOf(s, i, t), borderColor: t.ground, borderWidth: i ? 1 : 0 },
          label: { show: top, position: "top", color: t.text, fontWeight: 500, fontSize: 12, formatter: function (p) { return p.dataIndex === last ? write(spec.series.reduce(function (a, one) { return a + (one.values[last] || 0); }, 0), spec.unit) : ""; } }
        };
      });
      return o;
    },
    bars: function (spec, t) {
      var o = frame(spec, t);
      o.grid = { left: 2, right: 76, top: 4, bottom: 0, containLabel: true };
      o.xAxis = amounts(spec, t, { splitLine: { show: false }, axisLabel: { show: false } });
      o.yAxis = category(spec.labels, t, true);
      o.series = spec.series.map(function (s, i) {
        var top = i === spec.series.length - 1;
        return {
          type: "bar", stack: "all", name: s.name, data: s.values, barWidth: 18, itemStyle: { color: colourOf(s, i, t), borderColor: t.ground, borderWidth: i ? 1 : 0 },
          label: { show: top, position: "right", color: t.text, fontWeight: 500, fontSize: 11.5, formatter: function (p) { return write(spec.series.reduce(function (a, one) { return a + (one.values[p.dataIndex] || 0); }, 0), spec.unit); } }
        };
      });
      return o;
    },
    waterfall: function (spec, t, narrow) {
      var values = spec.series[0].values;
      var last = values.length - 1;
      var at = 0;
      var base = [];
      var shown = values.map(function (value, i) {
        if (i === 0 || i === last) { at = value; base.push(0); return { value: value, itemStyle: { color: t.neutral } }; }
        base.push(Math.min(at, at + value));
        at += value;
        return { value: Math.abs(value), itemStyle: { color: value < 0 ? t.down : t.up } };
      });
      var floor = Math.min.apply(null, base.filter(function (b, i) { return i !== 0 && i !== last; }).concat([values[0], values[last]]));
      var start = spec.axis_from !== undefined ? spec.axis_from : 0;
      var o = frame(spec, t);
      var sums = amounts(spec, t, { min: Math.min(start, floor), axisLabel: { show: false } });
      if (narrow) { // on a phone the steps become rows
        o.grid = { left: 2, right: 76, top: 4, bottom: 0, containLabel: true };
        o.xAxis = Object.assign(sums, { splitLine: { show: false } });
        o.yAxis = category(spec.labels, t, true);
      } else {
        o.xAxis = category(spec.labels, t);
        o.xAxis.axisLabel.interval = 0;
        o.yAxis = sums;
      }
      o.series = [
        { type: "bar", name: "\u0000base", stack: "w", silent: true, data: base, itemStyle: { color: "transparent" }, barCategoryGap: "38%" },
        { type: "bar", name: spec.series[0].name, stack: "w", data: shown, label: { show: true, position: narrow ? "right" : "top", fontWeight: 500, fontSize: 11.5, color: t.text, formatter: function (p) { var v = values[p.dataIndex]; return (p.dataIndex && p.dataIndex !== last && v > 0 ? "+" : "") + write(v, spec.unit); } } }
      ];
      o.tooltip.formatter = function (points) { return points[0].axisValueLabel + "\n" + write(values[points[0].dataIndex], spec.unit); };
      return o;
    },
    line: function (spec, t) {
      var last = spec.labels.length - 1;
      var o = frame(spec, t);
      o.grid.right = 40;
      o.xAxis = category(spec.labels, t);
      o.xAxis.boundaryGap = false;
      o.yAxis = amounts(spec, t, { scale: true });
      o.series = spec.series.map(function (s, i) {
        return {
          type: "line", name: s.name, data: s.values, symbol: "circle", symbolSize: function (v, p) { return p.dataIndex === last ? 7 : 0; }, showSymbol: true, lineStyle: { width: 2, color: colourOf(s, i, t) }, itemStyle: { color: colourOf(s, i, t) },
          label: { show: true, position: "right", color: t.text, fontWeight: 500, fontSize: 12, formatter: function (p) { return p.dataIndex === last ? write(p.value, spec.unit) : ""; } }
        };
      });
      if (spec.goal) {
        o.series[0].markLine = { silent: true, symbol: "none", lineStyle: { color: t.goal, type: [3, 3], width: 1 }, label: { position: "insideStartTop", color: t.soft, fontSize: 11, formatter: spec.goal.text }, data: [{ yAxis: spec.goal.value }] };
        o.series[0].markArea = { silent: true, itemStyle: { color: t.band }, data: [[{ yAxis: spec.goal.below ? "min" : spec.goal.value }, { yAxis: spec.goal.below ? spec.goal.value : "max" }]] };
      }
      return o;
    }
  };

  function draw(box) {
    var canvas = box.querySelector(".chart-canvas");
    var spec = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    if (!window.echarts || !kinds[spec.kind]) {
      box.classList.add("chart-fallback");
      box.querySelector("details").open = true;
      return null;
    }
    var chart = window.echarts.init(canvas, null, { renderer: "canvas" });
    chart.setOption(kinds[spec.kind](spec, tones(), canvas.clientWidth < 460));
    chart.on("click", function (event) { if (spec.links && spec.links[event.dataIndex]) location.href = spec.links[event.dataIndex]; });
    return { chart: chart, spec: spec };
  }
  document.addEventListener("DOMContentLoaded", function () { drawn = all("[data-chart]").map(draw).filter(Boolean); });
  document.addEventListener("cleanclaim:theme", function () {
    drawn.forEach(function (one) { one.chart.setOption(kinds[one.spec.kind](one.spec, tones(), one.chart.getWidth() < 460), true); });
  });
  var waiting = null;
  addEventListener("resize", function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () { drawn.forEach(function (one) { one.chart.resize(); one.chart.setOption(kinds[one.spec.kind](one.spec, tones(), one.chart.getWidth() < 460), true); }); }, 120);
  });
})();
