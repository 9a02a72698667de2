// What the signals of `/mesh/v1/signals` are called here, and how their values are written.

import {counted, inUnit, unknownText, whole} from './format.js';

/** Labels; a signal that is not here is shown by its own name. */
const labels = {
    requestRate: 'Requests', errorRatio: 'Errors', httpErrorRatio: 'HTTP 5xx',
    grpcErrorRatio: 'gRPC errors', clientErrorRatio: 'HTTP 4xx', noResponseRatio: 'No response',
    latencyP50: 'p50', latencyP90: 'p90', latencyP95: 'p95', latencyP99: 'p99',
    tcpSentRate: 'TCP sent', tcpReceivedRate: 'TCP received',
    tcpConnectionRate: 'TCP connections', proxyCPU: 'Proxy CPU', proxyMemory: 'Proxy memory',
    connectionPoolUse: 'Connection pool use', circuitBreakerOpen: 'Open circuit breakers',
    circuitBreakerTripRate: 'Circuit breaker trips', retryRate: 'Retries',
    retrySuccessRatio: 'Retries that succeed', retryOverflowRate: 'Retry overflows',
    retryAmplification: 'Retry amplification', timeoutRate: 'Timeouts',
    outlierEjections: 'Ejected endpoints', outlierEjectionRate: 'Outlier ejections',
    poolOverflowRate: 'Pool overflows', mutualTLSRatio: 'Mutual TLS',
};

/** Signals that belong together, in the order in which they are shown. */
export const signalGroups = {
    golden: ['requestRate', 'errorRatio', 'latencyP50', 'latencyP95', 'latencyP99'],
    errors: ['httpErrorRatio', 'grpcErrorRatio', 'noResponseRatio', 'clientErrorRatio'],
    saturation: ['proxyCPU', 'proxyMemory', 'connectionPoolUse', 'circuitBreakerOpen'],
    shaping: ['retryRate', 'retrySuccessRatio', 'retryOverflowRate', 'retryAmplification',
        'timeoutRate', 'circuitBreakerTripRate', 'circuitBreakerOpen', 'poolOverflowRate',
        'outlierEjections', 'outlierEjectionRate'],
    tcp: ['tcpSentRate', 'tcpReceivedRate', 'tcpConnectionRate'],
};

export const signalLabel = (signal) => labels[signal] ?? signal;

/**
 * A signal's value as text.
 *
 * @param {string} signal
 * @param {number|null} value
 * @param {Object<string, string>} units of the answer
 */
export function signalText(signal, value, units) {
    if (value === null || value === undefined) return unknownText;
    // A factor and not a share: 1 is none.
    if (signal === 'retryAmplification') return `×${Number(value.toFixed(2))}`;
    return inUnit(value, units?.[signal]);
}

/** The signal's value in a subject; null where it is not known. */
export const signalValue = (subject, signal) => subject?.signals?.[signal]?.value ?? null;

/** What a signal was derived from; '' where that is not said. */
export const signalEvidence = (subject, signal) => (
    subject?.signals?.[signal]?.derivedFrom ?? '');

/** What makes a value less exact than others are; the evidence says it with its numbers. */
const limitWords = {
    lastBucket: 'beyond the last bound of the histogram: it may be more',
    wideBucket: 'somewhere in a wide bucket of the histogram',
    commonBounds: 'by the bounds that all histograms behind it have',
    contradictory: 'the counts of some buckets contradict each other',
};

const limitsOf = (subject, signal) => subject?.signals?.[signal]?.limits ?? [];

/**
 * The sign before a value that is less exact: `≥ ` where it may be more, `≈ ` where it is somewhere
 * near. With values over time any of them may be meant, so that there is none.
 */
export function limitSign(subject, signal) {
    if (subject?.signals?.[signal]?.values) return '';
    const limits = limitsOf(subject, signal);
    return limits.includes('lastBucket') ? '≥ ' : limits.includes('wideBucket') ? '≈ ' : '';
}

/** What to say of a value when one points at it: its evidence, how exact it is, or why there is none. */
export function signalRemark(subject, signal) {
    const {derivedFrom, because} = subject?.signals?.[signal] ?? {};
    const limits = limitsOf(subject, signal).map((limit) => limitWords[limit] ?? limit);
    return [derivedFrom, because, ...limits].filter(Boolean).join('; ') || null;
}

/** How many there are: `12 services`, or `500 of 10,000 services, the busiest` where not all are told
 * of. */
export function shownWords({shown, subjects}, noun) {
    return shown < subjects
        ? `${whole(shown)} of ${counted(subjects, noun)}, the busiest` : counted(subjects, noun);
}

/** The name of a service with its namespace, as the address has it. */
export function serviceName({namespace, service, name}) {
    const own = service ?? name;
    return namespace ? `${namespace}/${own}` : own;
}
