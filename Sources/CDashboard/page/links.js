// The addresses of what other views show of a service, a pair or an alert: in one place, so that
// views can change their parameters without all others knowing.

const named = (node) => (node.namespace ? `${node.namespace}/${node.name}` : node.name);

/**
 * Addresses, with the page's shared parameters carried along.
 *
 * @param {Function} link the context's
 */
export function linksWith(link) {
    return {
        /** All services, of one cluster or of all. */
        services: (more = {}) => link('services', more),
        /** One service ({namespace, name}), in one cluster or in all. */
        service: (node, more = {}) => link('service', {service: named(node), ...more}),
        /** The calls from one service to another. */
        pair: (source, destination) => link('service', {
            service: named(destination), source: named(source), destination: named(destination)}),
        /** Traces that a service takes part in. */
        traces: (node) => link('traces', {service: node.name}),
        /** A service and its neighbours in the map. */
        around: (node, selected = null) => link('map', {service: named(node), selected}),
        /** The map of what a collapsed node stands for. */
        inside: ({cluster, namespace}) => link('map', {cluster, namespace}),
        /** Alerts, those of one rule or those that hold a text. */
        alerts: (text = '') => link('alerts', {q: text}),
    };
}
