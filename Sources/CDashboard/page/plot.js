// Line plots over time, drawn as SVG with D3. First to read of what draws numbers over time.
//
// A value that is not known is a gap, never a line to the next value that is known, and a time in
// which a cluster had no part in the answer is hatched. Plots that share a cursor are read at the
// same time: pointing into one of them, or moving through it by the arrow keys, reads them all.

import {toneCount} from './cluster-tones.js';
import {nearestIndex, readouts} from './plot-readout.js';

// The views load D3 before they draw (`libraries.js`).
/* global d3 */

/**
 * One line of a plot.
 * @typedef {Object} PlotLine
 * @property {string} name what the legend and the readout call it
 * @property {Array<[number, number|null]>} values seconds since the epoch, and the value then;
 *     null where it is not known
 * @property {number|string} [tone] which colour of the palette, from 0; `all` for a sum of others
 * @property {boolean} [isDashed] for what is a part or a limit of the other lines
 */

/**
 * A stretch of time in which the answer is not complete.
 * @typedef {Object} PlotGap
 * @property {number} start seconds since the epoch
 * @property {number} end
 * @property {string} because who was missing, as a sentence
 */

/**
 * @typedef {Object} PlotOptions
 * @property {string} title
 * @property {string} [unit] shown behind the title
 * @property {function(number): string} format a value as text, with its unit
 * @property {boolean} [isBinary] whether multiples of 1024 are round: of bytes
 * @property {PlotLine[]} lines
 * @property {number} start seconds since the epoch
 * @property {number} end
 * @property {number} [step] seconds between values; two values further apart have a gap between
 * @property {PlotGap[]} [gaps]
 * @property {number} [height] pixels
 * @property {boolean} [showsNames] whether the readout names lines even if there is only one
 * @property {PlotCursor} [cursor] shared with other plots
 * @property {function(number, number): void} [onRange] called when a stretch of time was chosen
 * @property {function(Date): string} [formatTime] for the readout
 */

const margin = {top: 8, right: 20, bottom: 22};
const leastLeft = 40;
// About as wide as a digit of the axis's labels.
const digitWidth = 6.3;
const defaultHeight = 150;
let plotsMade = 0;

/** The time that a group of plots is read at. */
export class PlotCursor {
    constructor() {
        this.time = null;
        this.readers = new Set();
    }

    /**
     * Reads all plots of the group at a time; null ends reading.
     * @param {number|null} time seconds since the epoch
     * @param {Plot|null} source the plot that shows its readout; the others only mark the time
     */
    move(time, source) {
        this.time = time;
        for (const reader of this.readers) reader.showCursor(time, reader === source);
    }
}

/**
 * A plot. Put its `element` into the page; it draws itself when it knows its width.
 */
export class Plot {
    /** @param {PlotOptions} options */
    constructor(options) {
        this.cursor = options.cursor ?? new PlotCursor();
        this.cursor.readers.add(this);
        // Whether this is the plot of its group that shows its readout.
        this.isRead = false;
        this.hatching = `plot-hatching-${plotsMade}`;
        plotsMade += 1;
        const figure = d3.create('figure').attr('class', 'plot');
        this.element = figure.node();
        this.caption = figure.append('figcaption');
        this.frame = figure.append('div').attr('class', 'plot-frame');
        this.svg = this.frame.append('svg').attr('tabindex', 0).attr('role', 'img');
        this.readout = this.frame.append('div').attr('class', 'plot-readout')
            .attr('role', 'status').property('hidden', true);
        this.listen();
        this.update(options);
        this.observer = new ResizeObserver(() => this.draw());
        this.observer.observe(this.frame.node());
    }

    /**
     * Shows other data in the same place.
     * @param {PlotOptions} options
     */
    update(options) {
        this.options = options;
        this.lines = options.lines.map((line, index) => ({
            ...line,
            tone: typeof line.tone === 'string' ? line.tone : (line.tone ?? index) % toneCount,
            values: withGaps(line.values, options.step),
        }));
        const known = this.lines.some((line) => line.values.some((point) => isKnown(point)));
        this.element.dataset.plot = options.title;
        this.element.dataset.missing = String(!known || (options.gaps ?? []).length > 0);
        this.isEmpty = !known;
        this.caption.selectAll('*').remove();
        this.caption.append('span').attr('class', 'plot-title').text(options.title);
        if (options.unit) {
            this.caption.append('span').attr('class', 'plot-unit').text(options.unit);
        }
        this.times = timesOf(this.lines);
        this.draw();
    }

    /** Takes the plot out of its group; the element can go. */
    remove() {
        this.observer.disconnect();
        this.cursor.readers.delete(this);
        this.element.remove();
    }

    // MARK: Drawing

    draw() {
        const width = this.frame.node().clientWidth;
        if (width < 100) return;
        const height = this.options.height ?? defaultHeight;
        this.width = width;
        this.height = height;
        this.scaleValues();
        this.left = this.ticks.reduce((wide, [, text]) => (
            Math.max(wide, text.length * digitWidth + 10)), leastLeft);
        this.x = d3.scaleTime()
            .domain([this.options.start * 1000, this.options.end * 1000])
            .range([this.left, width - margin.right]);
        this.svg.attr('width', width).attr('height', height)
            .attr('viewBox', `0 0 ${width} ${height}`).attr('aria-label', this.description());
        this.svg.selectAll('*').remove();
        this.drawGaps();
        this.drawAxes();
        const path = d3.line().defined(isKnown)
            .x((point) => this.x(point[0] * 1000)).y((point) => this.y(point[1]));
        this.svg.append('g').attr('class', 'plot-lines').selectAll('path').data(this.lines)
            .join('path')
            .attr('class', (line) => `plot-line tone-${line.tone}`)
            .classed('dashed', (line) => line.isDashed === true)
            .attr('d', (line) => path(line.values));
        if (this.isEmpty) {
            this.svg.append('text').attr('class', 'plot-empty')
                .attr('x', (this.left + width) / 2).attr('y', (height - margin.bottom) / 2 + 4)
                .text('no data in this time');
        }
        this.mark = this.svg.append('g').attr('class', 'plot-cursor').attr('display', 'none');
        this.mark.append('line').attr('y1', margin.top).attr('y2', height - margin.bottom);
        this.chosen = this.svg.append('rect').attr('class', 'plot-chosen')
            .attr('y', margin.top).attr('height', height - margin.bottom - margin.top)
            .attr('display', 'none');
        if (this.cursor.time !== null) this.showCursor(this.cursor.time, this.isRead);
    }

    /** The axis of values, with round numbers at its lines: round in KiB where bytes are shown. */
    scaleValues() {
        const domain = this.domain();
        const size = Math.max(1, ...domain.map(Math.abs));
        const unit = this.options.isBinary
            ? 1024 ** Math.floor(Math.log(size) / Math.log(1024)) : 1;
        this.y = d3.scaleLinear().domain(domain.map((value) => value / unit)).nice(4);
        this.ticks = this.isEmpty ? []
            : this.y.ticks(4).map((value) => [value * unit, this.options.format(value * unit)]);
        this.y.domain(this.y.domain().map((value) => value * unit))
            .range([this.height - margin.bottom, margin.top]);
    }

    /** Lowest and highest value that the axis has to show: zero is always on it. */
    domain() {
        let low = 0;
        let high = 0;
        for (const line of this.lines) {
            for (const point of line.values) {
                if (!isKnown(point)) continue;
                if (point[1] < low) low = point[1];
                if (point[1] > high) high = point[1];
            }
        }
        return low === high ? [0, 1] : [low, high];
    }

    drawAxes() {
        const {width, height, left} = this;
        const rows = this.svg.append('g').attr('class', 'plot-axis').selectAll('g')
            .data(this.ticks).join('g')
            .attr('transform', ([value]) => `translate(0,${this.y(value)})`);
        rows.append('line').attr('class', 'plot-grid')
            .attr('x1', left).attr('x2', width - margin.right);
        rows.append('text').attr('x', left - 6).attr('dy', '0.32em')
            .attr('text-anchor', 'end').text(([, text]) => text);
        const axis = d3.axisBottom(this.x).ticks(Math.max(2, Math.floor(width / 90)))
            .tickSize(4).tickSizeOuter(0).tickFormat(tickText);
        this.svg.append('g').attr('class', 'plot-axis')
            .attr('transform', `translate(0,${height - margin.bottom})`).call(axis);
    }

    /** Hatches the times in which a part of the fleet is missing. */
    drawGaps() {
        const pattern = this.svg.append('defs').append('pattern').attr('id', this.hatching)
            .attr('width', 6).attr('height', 6).attr('patternUnits', 'userSpaceOnUse')
            .attr('patternTransform', 'rotate(45)');
        pattern.append('rect').attr('class', 'hatching').attr('width', 2).attr('height', 6);
        const {start, end} = this.options;
        const gaps = (this.options.gaps ?? [])
            .filter((gap) => gap.end >= start && gap.start <= end);
        this.svg.append('g').selectAll('rect').data(gaps).join('rect')
            .attr('class', 'plot-gap').attr('data-missing', (gap) => gap.because)
            .attr('fill', `url(#${this.hatching})`)
            .attr('x', (gap) => this.x(Math.max(gap.start, start) * 1000))
            .attr('width', (gap) => Math.max(2, this.x(Math.min(gap.end, end) * 1000)
                - this.x(Math.max(gap.start, start) * 1000)))
            .attr('y', margin.top).attr('height', this.height - margin.bottom - margin.top)
            .append('title').text((gap) => gap.because);
    }

    /** What a screen reader says of the plot. */
    description() {
        const {title, format} = this.options;
        if (this.isEmpty) return `${title}: no data`;
        const parts = this.lines.slice(0, 8).map((line) => {
            const last = line.values[line.values.length - 1];
            return `${line.name} ${last && isKnown(last) ? format(last[1]) : 'not known'}`;
        });
        return `${title}. Last: ${parts.join(', ')}. Arrow keys read earlier values.`;
    }

    // MARK: Reading

    listen() {
        let dragStart = null;
        this.svg.node().addEventListener('pointermove', (event) => {
            this.cursor.move(this.timeAt(event), this);
            if (dragStart !== null) this.showChosen(dragStart, this.pixelAt(event));
        });
        this.svg.node().addEventListener('pointerleave', () => {
            this.cursor.move(null, this);
        });
        this.svg.node().addEventListener('pointerdown', (event) => {
            // A finger scrolls the page; only a mouse or a pen chooses a stretch.
            if (!this.options.onRange || event.pointerType === 'touch') return;
            dragStart = this.pixelAt(event);
            this.svg.node().setPointerCapture(event.pointerId);
        });
        this.svg.node().addEventListener('pointerup', (event) => {
            const begin = dragStart;
            dragStart = null;
            this.chosen.attr('display', 'none');
            if (begin === null || Math.abs(this.pixelAt(event) - begin) < 8) return;
            const ends = [begin, this.pixelAt(event)].sort((a, b) => a - b);
            this.options.onRange(this.x.invert(ends[0]) / 1000, this.x.invert(ends[1]) / 1000);
        });
        this.svg.node().addEventListener('keydown', (event) => this.readByKey(event));
        this.svg.node().addEventListener('blur', () => this.cursor.move(null, this));
    }

    readByKey(event) {
        const last = this.times.length - 1;
        if (last < 0) return;
        const now = this.cursor.time === null ? last + 1 : this.nearest(this.cursor.time);
        const stride = event.shiftKey ? 10 : 1;
        const targets = {
            ArrowLeft: now - stride, ArrowRight: now + stride, Home: 0, End: last,
        };
        if (event.key === 'Escape') {
            this.cursor.move(null, this);
        } else if (event.key in targets) {
            event.preventDefault();
            const index = Math.max(0, Math.min(last, targets[event.key]));
            this.cursor.move(this.times[index], this);
        }
    }

    /** Where in the plot the pointer is, within its axis. */
    pixelAt(event) {
        const left = this.svg.node().getBoundingClientRect().left;
        const [low, high] = this.x.range();
        return Math.max(low, Math.min(high, event.clientX - left));
    }

    timeAt(event) {
        if (this.times.length === 0) return null;
        return this.times[this.nearest(this.x.invert(this.pixelAt(event)) / 1000)];
    }

    nearest(time) {
        return nearestIndex(this.times, time);
    }

    showChosen(from, to) {
        this.chosen.attr('display', null)
            .attr('x', Math.min(from, to)).attr('width', Math.abs(to - from));
    }

    /**
     * Marks a time; where the plot is the one that is pointed at, says its values too.
     * @param {number|null} time seconds since the epoch
     * @param {boolean} withReadout
     */
    showCursor(time, withReadout) {
        if (!this.mark) return;
        this.isRead = withReadout;
        const isOutside = time === null || time < this.options.start || time > this.options.end;
        this.mark.attr('display', isOutside ? 'none' : null);
        this.readout.property('hidden', isOutside || !withReadout);
        if (isOutside) return;
        const x = this.x(time * 1000);
        this.mark.select('line').attr('x1', x).attr('x2', x);
        const read = readouts(this.lines, time, this.options.step ?? 0);
        this.mark.selectAll('circle').data(read.filter((row) => row.value !== null)).join('circle')
            .attr('class', (row) => `tone-${row.tone}`).attr('r', 3.5)
            .attr('cx', x).attr('cy', (row) => this.y(row.value));
        if (withReadout) this.fillReadout(time, read, x);
    }

    fillReadout(time, read, x) {
        const shown = [...read].sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
        const box = this.readout;
        box.selectAll('*').remove();
        box.append('div').attr('class', 'plot-readout-time')
            .text(this.options.formatTime?.(time) ?? new Date(time * 1000).toLocaleString());
        const rows = box.selectAll('div.row').data(shown.slice(0, 12)).join('div')
            .attr('class', 'row');
        rows.append('span').attr('class', (row) => `swatch tone-${row.tone}`);
        if (this.lines.length > 1 || this.options.showsNames) {
            rows.append('span').attr('class', 'name').text((row) => row.name);
        }
        rows.append('span').attr('class', 'value')
            .text((row) => (row.value === null ? 'no data' : this.options.format(row.value)));
        if (shown.length > 12) {
            box.append('div').attr('class', 'faint').text(`and ${shown.length - 12} more`);
        }
        for (const gap of this.options.gaps ?? []) {
            if (gap.start <= time && time <= gap.end) {
                box.append('div').attr('class', 'plot-readout-gap').text(gap.because);
            }
        }
        const isRight = x > this.width / 2;
        box.style('left', isRight ? null : `${x + 10}px`)
            .style('right', isRight ? `${this.width - x + 10}px` : null);
    }
}

/** A time on the axis: as much of it as its tick needs. */
function tickText(date) {
    const pattern = date.getSeconds() !== 0 ? '%H:%M:%S'
        : date.getHours() + date.getMinutes() > 0 ? '%H:%M' : '%b %-d';
    return d3.timeFormat(pattern)(date);
}

/** Whether a point has a value that can be drawn. */
function isKnown(point) {
    return point[1] !== null && Number.isFinite(point[1]);
}

/** The values, with an unknown one put wherever two are more than a step and a half apart. */
function withGaps(values, step) {
    if (!step) return values;
    const spread = [];
    for (const point of values) {
        const before = spread[spread.length - 1];
        if (before && point[0] - before[0] > 1.5 * step) spread.push([before[0] + step, null]);
        spread.push(point);
    }
    return spread;
}

/** All times at which some line has a point, ascending. */
function timesOf(lines) {
    const times = new Set();
    for (const line of lines) for (const point of line.values) times.add(point[0]);
    return [...times].sort((a, b) => a - b);
}
