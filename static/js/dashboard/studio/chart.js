/** Bars over time as SVG: sixty lines where a chart library would be larger than the whole panel. */
import { svg } from './svg.js';

/** @typedef {{ value: number, name: string, short: string }} Bar `name` is read out, `short` stands under the axis */

const WIDTH = 960;
const HEIGHT = 280;
const PLOT = { right: 8, top: 12, bottom: 28 };
/** Of a letter under the axis or beside it, and between a number and the plot. */
const LETTER_WIDTH = 7;
const GAP = 8;
/** Room for small numbers beside the plot. */
const LEAST_LEFT = 44;
/** Room for one label under the axis. */
const LABEL_WIDTH = 64;

/** 1, 2 or 5 times a power of ten, so that at most five lines are drawn. @param {number} highest */
function stepOf(highest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, highest / 5)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => highest / step <= 5) ?? power * 10;
}

/**
 * @param {Bar[]} bars
 * @param {string} label what a screen reader says of the whole
 * @param {(value: number) => string} [format] a value for people
 */
export function barChart(bars, label, format = String) {
  const highest = Math.max(1, ...bars.map((bar) => bar.value));
  const step = stepOf(highest);
  const top = Math.ceil(highest / step) * step;
  const left = Math.max(LEAST_LEFT, format(top).length * LETTER_WIDTH + 2 * GAP);
  const width = WIDTH - left - PLOT.right;
  const height = HEIGHT - PLOT.top - PLOT.bottom;
  const slot = width / bars.length;
  /** @param {number} value */
  const y = (value) => PLOT.top + height * (1 - value / top);
  const chart = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart-svg', role: 'img', 'aria-label': label });
  for (let value = 0; value <= top; value += step) {
    chart.append(
      svg('line', { class: value === 0 ? 'chart-axis' : 'chart-grid', x1: left, x2: WIDTH - PLOT.right, y1: y(value), y2: y(value) }),
      svg('text', { class: 'chart-label', x: left - GAP, y: y(value) + 4, 'text-anchor': 'end' }, format(value)),
    );
  }
  const every = Math.ceil(LABEL_WIDTH / slot);
  bars.forEach((bar, i) => {
    const thickness = Math.min(40, slot * 0.72);
    const x = left + slot * i + (slot - thickness) / 2;
    if (bar.value > 0) {
      const element = svg('rect', {
        class: 'chart-bar',
        x,
        y: y(bar.value),
        width: thickness,
        height: y(0) - y(bar.value),
        rx: Math.min(3, thickness / 4),
      });
      element.append(svg('title', {}, `${bar.name}: ${format(bar.value)}`));
      chart.append(element);
    }
    if (i % every === 0)
      chart.append(svg('text', { class: 'chart-label', x: x + thickness / 2, y: HEIGHT - 8, 'text-anchor': 'middle' }, bar.short));
  });
  return chart;
}
