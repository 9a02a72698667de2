// The views: where each is in the address, what the bar calls it, and its module, which is loaded
// when it is first shown. `hidden` ones are reached by links only. `parts` are files that the
// module needs, told here so that all of them are fetched at once and not one after the other.

/**
 * @type {{name: string, label: string, module: string, hidden?: boolean, parts?: string[]}[]}
 */
export const views = [
    {name: '', label: 'Overview', module: './overview.js', parts: [
        'overview.css', 'overview.js', 'control-plane-facts.js', 'overview-clusters.js',
        'overview-lists.js', 'overview-reading.js', 'overview-tiles.js', 'libraries.js',
        'links.js', 'sparkline.js', 'status.js', 'table.js',
    ]},
    {name: 'map', label: 'Map', module: './map.js', parts: [
        'd3.js', 'map.css', 'map.js', 'libraries.js', 'links.js', 'map-collapsing.js',
        'map-details.js', 'map-drawing.js', 'map-geometry.js', 'map-labels.js', 'map-layout.js',
        'map-legend.js', 'map-nodes.js', 'map-path.js', 'map-reading.js', 'map-table.js',
        'map-toolbar.js', 'status.js', 'table.js',
    ]},
    {name: 'services', label: 'Services', module: './view-services.js', parts: [
        'views.css', 'view-services.js', 'cluster-tones.js', 'libraries.js', 'overview-reading.js',
        'service-parts.js', 'signal-words.js', 'status.js', 'table.js',
    ]},
    {name: 'service', label: 'Service', module: './view-service.js', hidden: true, parts: [
        'd3.js', 'views.css', 'view-service.js', 'cluster-tones.js', 'keeping-place.js',
        'libraries.js', 'map-reading.js', 'overview-reading.js', 'plot-readout.js', 'plot.js',
        'service-edges.js', 'service-parts.js', 'signal-plots.js', 'signal-words.js', 'status.js',
        'table.js', 'view-services.js',
    ]},
    {name: 'traces', label: 'Traces', module: './view-traces.js', parts: [
        'views.css', 'view-traces.js', 'cluster-tones.js', 'keeping-place.js', 'libraries.js',
        'table.js', 'trace-list.js', 'trace-model.js', 'trace-search.js', 'trace-waits.js',
    ]},
    {name: 'trace', label: 'Trace', module: './view-trace.js', hidden: true, parts: [
        'views.css', 'view-trace.js', 'cluster-tones.js', 'libraries.js', 'span-details.js',
        'trace-list.js', 'trace-model.js', 'waterfall.js',
    ]},
    {name: 'alerts', label: 'Alerts', module: './view-alerts.js', parts: [
        'views.css', 'view-alerts.js', 'alert-facts.js', 'alert-list.js', 'keeping-place.js',
        'libraries.js', 'status.js', 'table.js',
    ]},
    {name: 'control-plane', label: 'Control plane', module: './view-control-plane.js', parts: [
        'control-plane.css', 'views.css', 'view-control-plane.js', 'certificate-list.js',
        'cluster-tones.js', 'control-plane-facts.js', 'control-plane-history.js',
        'control-plane-issues.js', 'control-plane-list.js', 'control-plane-tiles.js',
        'keeping-place.js', 'libraries.js', 'status.js', 'table.js',
    ]},
    {name: 'query', label: 'Query', module: './view-query.js', parts: [
        'd3.js', 'views.css', 'view-query.js', 'cluster-tones.js', 'keeping-place.js',
        'libraries.js', 'plot-readout.js', 'plot.js', 'query-completion.js', 'query-explanation.js',
        'query-results.js', 'series-names.js', 'status.js', 'table.js',
    ]},
];

/** The view of this name, or undefined. */
export const viewNamed = (name) => views.find((view) => view.name === name);
