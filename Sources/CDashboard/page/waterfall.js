// The spans of a trace as bars under each other. Only rows that are in sight are in the page, so
// that a trace of many thousand spans scrolls as one of ten does.

import {h, fill} from './dom.js';
import {milliseconds} from './format.js';
import {visibleSpans} from './trace-model.js';

const rowHeight = 26;
// Deeper spans are not moved further to the right: there would be no room for their names.
const deepestIndent = 16;
const spareRows = 8;

/**
 * A waterfall; put its `element` into the page.
 */
export class Waterfall {
    /**
     * @param {ReturnType<typeof import('./trace-model.js').readTrace>} trace
     * @param {Object} options
     * @param {function(string): number} options.toneOf which colour a cluster has
     * @param {function(import('./trace-model.js').Span|null): void} options.onSelect called when a
     *     span is chosen; null when none is any more
     * @param {boolean} [options.onlyCritical] whether spans that nobody waited for are left out
     */
    constructor(trace, options) {
        this.trace = trace;
        this.options = options;
        this.collapsed = new Set();
        this.active = null;
        this.selected = null;
        this.shown = {from: 0, to: Math.max(1, trace.duration)};
        this.axis = h('div.waterfall-axis', {'aria-hidden': 'true'});
        this.canvas = h('div.waterfall-canvas');
        this.scroller = h('div.waterfall-rows', {
            tabindex: 0, role: 'tree', 'aria-label': `Spans of the trace ${trace.id}`,
            onscroll: () => this.drawSoon(), onkeydown: (event) => this.key(event),
            onfocus: () => this.active ?? this.activate(0),
        }, this.canvas);
        this.element = h('div.waterfall', {data: {waterfall: trace.id}},
            h('div.waterfall-head', null,
                h('div.waterfall-heading', null, 'Service and operation'), this.axis),
            this.scroller);
        this.arrange();
        this.observer = new ResizeObserver(() => this.drawSoon());
        this.observer.observe(this.scroller);
    }

    remove() {
        this.observer.disconnect();
        this.element.remove();
    }

    /** Finds out which rows there are, after something was collapsed or filtered. */
    arrange() {
        const {onlyCritical} = this.options;
        this.rows = visibleSpans(this.trace.spans, this.collapsed)
            .filter((span) => !onlyCritical || span.critical.length > 0);
        this.rowOf = new Map(this.rows.map((span, row) => [span, row]));
        this.canvas.style.setProperty('height', `${this.rows.length * rowHeight}px`);
        this.drawAxis();
        this.draw();
    }

    /** Leaves out, or shows again, the spans that the trace did not wait for. */
    showOnlyCritical(onlyCritical) {
        this.options.onlyCritical = onlyCritical;
        this.arrange();
    }

    /** Shows this stretch of the trace over the whole width: microseconds since its start. */
    zoom(from, to) {
        this.shown = {from, to: Math.max(to, from + 1)};
        this.drawAxis();
        this.draw();
    }

    collapseAll(isCollapsed) {
        this.collapsed = new Set(isCollapsed
            ? this.trace.spans.filter((span) => span.depth > 0 && span.children.length > 0)
                .map((span) => span.id) : []);
        this.arrange();
    }

    // MARK: Drawing

    drawAxis() {
        const {from, to} = this.shown;
        fill(this.axis, [0, 0.25, 0.5, 0.75].map((part) => h('span.tick', {
            style: {left: `${part * 100}%`},
        }, milliseconds((from + part * (to - from)) / 1000))));
    }

    drawSoon() {
        if (this.frame) return;
        this.frame = requestAnimationFrame(() => {
            this.frame = 0;
            this.draw();
        });
    }

    draw() {
        const top = this.scroller.scrollTop;
        const height = this.scroller.clientHeight || 600;
        const first = Math.max(0, Math.floor(top / rowHeight) - spareRows);
        const last = Math.min(this.rows.length,
            Math.ceil((top + height) / rowHeight) + spareRows);
        fill(this.canvas, this.rows.slice(first, last)
            .map((span, offset) => this.row(span, first + offset)));
    }

    row(span, row) {
        const isCollapsed = this.collapsed.has(span.id);
        const tone = `tone-${this.options.toneOf(span.cluster)}`;
        const indent = Math.min(span.depth, deepestIndent) * 11 + 4;
        return h('div.span-row', {
            id: `span-${span.index}`, role: 'treeitem', 'aria-level': span.depth + 1,
            'aria-expanded': span.children.length > 0 ? String(!isCollapsed) : null,
            'aria-selected': String(span === this.selected), 'aria-label': this.spoken(span),
            class: [span === this.active ? 'active' : '', span === this.selected ? 'selected' : '',
                span.critical.length > 0 ? 'critical' : '', row % 2 ? 'odd' : ''].join(' '),
            style: {top: `${row * rowHeight}px`},
            data: {span: span.id, cluster: span.cluster, missing: String(span.cluster === '')},
            onclick: () => this.choose(span),
        },
        h('div.span-name', {style: {'padding-left': `${indent}px`}},
            this.toggle(span, isCollapsed),
            h('span.swatch', {class: tone}),
            span.isOrphan ? h('span.glyph.missing', {
                title: 'what called it is not here: its span is in no store that answered',
            }) : null,
            span.isError ? h('span.span-error', {title: 'error'}, '!') : null,
            this.warning(span),
            h('span.span-service', null, span.service),
            h('span.span-operation', {title: span.operation}, span.operation)),
        this.track(span, tone));
    }

    /** A mark for warnings; quieter where all of them are about clocks. */
    warning(span) {
        if (span.warnings.length === 0) return null;
        const isAdjusted = span.warnings.every((text) => (
            /timestamps were adjusted|clock skew adjustment/.test(text)));
        return h('span.span-warning', {
            title: span.warnings.join('\n'), class: isAdjusted ? 'adjusted' : '',
        }, isAdjusted ? '◷' : '⚠');
    }

    spoken(span) {
        return `${span.service} ${span.operation}, ${milliseconds(span.duration / 1000)}`
            + `${span.cluster ? `, in ${span.cluster}` : ''}${span.isError ? ', error' : ''}`
            + `${span.isOrphan ? ', what called it is not here' : ''}`
            + `${span.critical.length > 0 ? ', on the critical path' : ''}`;
    }

    toggle(span, isCollapsed) {
        if (span.children.length === 0) return h('span.span-toggle');
        return h('button.span-toggle', {
            type: 'button', tabindex: -1, 'aria-label': isCollapsed ? 'Expand' : 'Collapse',
            title: isCollapsed ? `${span.descendants} spans below` : 'Collapse',
            onclick: (event) => {
                event.stopPropagation();
                this.setCollapsed(span, !isCollapsed);
            },
        }, isCollapsed ? '▸' : '▾');
    }

    track(span, tone) {
        const {from, to} = this.shown;
        const part = (time) => ((time - from) / (to - from)) * 100;
        const left = part(span.start);
        const width = Math.max(0.15, part(span.start + span.duration) - left);
        const end = left + width;
        const label = milliseconds(span.duration / 1000);
        // The label stands where there is room: behind the bar, else before it, else in it.
        const place = end < 82 ? {left: `${Math.max(0, end)}%`}
            : left > 18 ? {right: `${100 - Math.min(100, left)}%`} : {right: '0'};
        return h('div.span-track', null,
            // Before an orphan something happened of which nobody tells.
            span.isOrphan && left > 0 ? h('div.span-gap.hatched', {
                style: {width: `${Math.min(100, left)}%`}, 'aria-hidden': 'true'}) : null,
            h('div.span-bar', {
                class: tone, style: {left: `${left}%`, width: `${width}%`},
            }),
            span.critical.map(([begin, finish]) => h('div.span-critical', {
                style: {
                    left: `${part(begin)}%`, width: `${Math.max(0.1, part(finish) - part(begin))}%`,
                },
            })),
            h('span.span-duration', {
                class: end >= 82 && left <= 18 ? 'inside' : '', style: place,
            }, label));
    }

    // MARK: Moving through it

    choose(span) {
        this.active = span;
        this.select(span === this.selected ? null : span);
    }

    select(span) {
        this.selected = span;
        this.options.onSelect(span);
        this.draw();
    }

    /** Shows a span by its id, whatever is collapsed above it. Returns whether there is one. */
    reveal(id) {
        const span = this.trace.spans.find((one) => one.id === id);
        if (!span) return false;
        for (let above = span.parent; above; above = above.parent) this.collapsed.delete(above.id);
        this.arrange();
        this.activate(this.rowOf.get(span) ?? 0);
        this.select(span);
        return true;
    }

    setCollapsed(span, isCollapsed) {
        if (isCollapsed) this.collapsed.add(span.id);
        else this.collapsed.delete(span.id);
        this.active = span;
        this.arrange();
    }

    activate(row) {
        const index = Math.max(0, Math.min(this.rows.length - 1, row));
        this.active = this.rows[index] ?? null;
        if (!this.active) return;
        const top = index * rowHeight;
        const {scrollTop, clientHeight} = this.scroller;
        if (top < scrollTop) this.scroller.scrollTop = top;
        else if (top + rowHeight > scrollTop + clientHeight) {
            this.scroller.scrollTop = top + rowHeight - clientHeight;
        }
        this.draw();
        this.scroller.setAttribute('aria-activedescendant', `span-${this.active.index}`);
    }

    key(event) {
        const row = this.active ? this.rowOf.get(this.active) ?? 0 : 0;
        const page = Math.max(1, Math.floor(this.scroller.clientHeight / rowHeight) - 1);
        const rows = {
            ArrowDown: row + 1, ArrowUp: row - 1, PageDown: row + page, PageUp: row - page,
            Home: 0, End: this.rows.length - 1,
        };
        if (event.key in rows) this.activate(rows[event.key]);
        else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') this.sideways(event.key);
        else if (event.key === 'Enter' || event.key === ' ') this.choose(this.active);
        else if (event.key === 'Escape' && this.selected) this.select(null);
        else return;
        event.preventDefault();
    }

    /** Right opens, then goes to the first child; left closes, then goes to the parent. */
    sideways(key) {
        const span = this.active;
        if (!span) return;
        const isCollapsed = this.collapsed.has(span.id);
        if (key === 'ArrowRight') {
            if (isCollapsed) this.setCollapsed(span, false);
            else if (span.children.length > 0) this.activate(this.rowOf.get(span) + 1);
        } else if (!isCollapsed && span.children.length > 0) {
            this.setCollapsed(span, true);
        } else if (span.parent) {
            this.activate(this.rowOf.get(span.parent) ?? 0);
        }
    }
}
