// How numbers are written for people. What is not known is a dash, never a zero.

/** Stands for a value that is not known. */
export const unknownText = '–';

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

// Three significant digits, without a tail of zeros.
function digits(value) {
    const size = Math.abs(value);
    if (size === 0) return '0';
    if (size < 0.001) return value.toExponential(1);
    if (size >= 100) return value.toFixed(0);
    return String(Number(value.toPrecision(3)));
}

function scaled(value, base, units) {
    let index = 0;
    let rest = value;
    while (Math.abs(rest) >= base * 0.9995 && index < units.length - 1) {
        rest /= base;
        index += 1;
    }
    return [digits(rest), units[index]];
}

/** A count: `12.3 k`. */
export function count(value) {
    if (!isNumber(value)) return unknownText;
    const [number, unit] = scaled(value, 1000, ['', 'k', 'M', 'G', 'T']);
    return unit === '' ? number : `${number} ${unit}`;
}

/** A rate per second: `1.2 k/s`, and slow ones per minute: `3/min`. */
export function rate(value) {
    if (!isNumber(value)) return unknownText;
    if (value > 0 && value < 0.1) return `${digits(value * 60)}/min`;
    return `${count(value)}/s`;
}

/** A ratio as percent: `1.25 %`. Small ones are not rounded to nothing: `<0.01 %`. */
export function ratio(value) {
    if (!isNumber(value)) return unknownText;
    const percent = value * 100;
    if (percent > 0 && percent < 0.01) return '<0.01 %';
    if (percent > 99.9 && percent < 100) return `${Math.floor(percent * 100) / 100} %`;
    return `${Number(percent.toFixed(Math.abs(percent) < 10 ? 2 : 1))} %`;
}

/** A duration given in milliseconds: `230 ms`, `1.2 s`. */
export function milliseconds(value) {
    if (!isNumber(value)) return unknownText;
    if (Math.abs(value) < 1 && value !== 0) return `${digits(value * 1000)} µs`;
    if (Math.abs(value) < 1000) return `${digits(value)} ms`;
    return duration(value / 1000);
}

/** A duration given in seconds: `45 s`, `3 min 5 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(value) {
    if (!isNumber(value)) return unknownText;
    if (value < 0) return `−${duration(-value)}`;
    if (value < 60) return value < 1 && value > 0
        ? `${digits(value * 1000)} ms` : `${digits(value)} s`;
    const parts = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
    const first = parts.findIndex(([, size]) => value >= size);
    const [unit, size] = parts[first];
    const whole = Math.floor(value / size);
    const next = parts[first + 1];
    const rest = next && whole < 10 ? Math.floor((value - whole * size) / next[1]) : 0;
    return rest > 0 ? `${whole} ${unit} ${rest} ${next[0]}` : `${whole} ${unit}`;
}

/** A size: `1.5 MiB`. */
export function bytes(value) {
    if (!isNumber(value)) return unknownText;
    return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']).join(' ');
}

/** Bytes per second: `1.5 MiB/s`. */
export function byteRate(value) {
    return isNumber(value) ? `${bytes(value)}/s` : unknownText;
}

/** A value in the unit that an answer names: `requests/s`, `ratio`, `ms`, `bytes/s`, … */
export function inUnit(value, unit) {
    switch (unit) {
    case 'ratio': return ratio(value);
    case 'ms': return milliseconds(value);
    case 's': return duration(value);
    case 'bytes': return bytes(value);
    case 'bytes/s': return byteRate(value);
    case 'cores': return isNumber(value) ? `${digits(value)} cores` : unknownText;
    default: return unit?.endsWith('/s') ? rate(value) : count(value);
    }
}

const clockStyle = {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'};

/** A time of day, with the date unless it is today: seconds since the epoch. */
export function time(value, {withSeconds = false} = {}) {
    if (!isNumber(value)) return unknownText;
    const date = new Date(value * 1000);
    const clock = date.toLocaleTimeString([], withSeconds
        ? {...clockStyle, second: '2-digit'} : clockStyle);
    if (date.toDateString() === new Date().toDateString()) return clock;
    return `${date.toLocaleDateString([], {month: 'short', day: 'numeric'})} ${clock}`;
}

/** The whole of a time, with its zone: for titles. */
export function fullTime(value) {
    return isNumber(value) ? `${new Date(value * 1000).toISOString().replace('.000', '')}`
        : 'unknown';
}

/** How long ago: `12 s ago`. */
export function ago(value, now = Date.now() / 1000) {
    if (!isNumber(value)) return unknownText;
    const age = Math.max(0, now - value);
    return age < 1 ? 'just now' : `${duration(Math.floor(age))} ago`;
}

/** Seconds since the epoch of a time that an answer gives as text (RFC 3339) or number. */
export function epoch(value) {
    if (isNumber(value)) return value;
    const parsed = Date.parse(value ?? '');
    return Number.isNaN(parsed) ? null : parsed / 1000;
}

/** A whole number, in groups of three digits: `10,000`. */
export const whole = (number) => number.toLocaleString('en');

/** `1 service`, `3 services`, `10,000 services`. */
export function counted(number, noun, plural = `${noun}s`) {
    return `${whole(number)} ${number === 1 ? noun : plural}`;
}
