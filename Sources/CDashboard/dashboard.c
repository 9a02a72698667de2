// The page is part of the program: the compiler reads its files, and those of the libraries from
// Debian's packages (node-d3, node-dagre-layout), when it builds.
//
// A new file of the page needs two things here: its bytes, and its row in the table.

#include "dashboard.h"

#if !__has_embed("/usr/share/nodejs/d3/dist/d3.min.js")
#error "d3.min.js is missing: install Debian's package node-d3"
#endif
#if !__has_embed("/usr/share/nodejs/dagre/dist/dagre.min.js")
#error "dagre.min.js is missing: install Debian's package node-dagre-layout"
#endif

#pragma clang diagnostic ignored "-Wc23-extensions"

#define BYTES(name) static const unsigned char name[] =

BYTES(index_html) {
#embed "page/index.html"
};
BYTES(address_js) {
#embed "page/address.js"
};
BYTES(alert_facts_js) {
#embed "page/alert-facts.js"
};
BYTES(alert_list_js) {
#embed "page/alert-list.js"
};
BYTES(api_js) {
#embed "page/api.js"
};
BYTES(app_js) {
#embed "page/app.js"
};
BYTES(certificate_list_js) {
#embed "page/certificate-list.js"
};
BYTES(cluster_tones_js) {
#embed "page/cluster-tones.js"
};
BYTES(control_plane_facts_js) {
#embed "page/control-plane-facts.js"
};
BYTES(control_plane_history_js) {
#embed "page/control-plane-history.js"
};
BYTES(control_plane_issues_js) {
#embed "page/control-plane-issues.js"
};
BYTES(control_plane_list_js) {
#embed "page/control-plane-list.js"
};
BYTES(control_plane_tiles_js) {
#embed "page/control-plane-tiles.js"
};
BYTES(control_plane_css) {
#embed "page/control-plane.css"
};
BYTES(controls_js) {
#embed "page/controls.js"
};
BYTES(coverage_js) {
#embed "page/coverage.js"
};
BYTES(dom_js) {
#embed "page/dom.js"
};
BYTES(fleet_js) {
#embed "page/fleet.js"
};
BYTES(format_js) {
#embed "page/format.js"
};
BYTES(jump_js) {
#embed "page/jump.js"
};
BYTES(keeping_place_js) {
#embed "page/keeping-place.js"
};
BYTES(layout_worker_js) {
#embed "page/layout-worker.js"
};
BYTES(libraries_js) {
#embed "page/libraries.js"
};
BYTES(links_js) {
#embed "page/links.js"
};
BYTES(map_collapsing_js) {
#embed "page/map-collapsing.js"
};
BYTES(map_details_js) {
#embed "page/map-details.js"
};
BYTES(map_drawing_js) {
#embed "page/map-drawing.js"
};
BYTES(map_geometry_js) {
#embed "page/map-geometry.js"
};
BYTES(map_labels_js) {
#embed "page/map-labels.js"
};
BYTES(map_layout_js) {
#embed "page/map-layout.js"
};
BYTES(map_legend_js) {
#embed "page/map-legend.js"
};
BYTES(map_nodes_js) {
#embed "page/map-nodes.js"
};
BYTES(map_path_js) {
#embed "page/map-path.js"
};
BYTES(map_reading_js) {
#embed "page/map-reading.js"
};
BYTES(map_table_js) {
#embed "page/map-table.js"
};
BYTES(map_toolbar_js) {
#embed "page/map-toolbar.js"
};
BYTES(map_css) {
#embed "page/map.css"
};
BYTES(map_js) {
#embed "page/map.js"
};
BYTES(overview_clusters_js) {
#embed "page/overview-clusters.js"
};
BYTES(overview_lists_js) {
#embed "page/overview-lists.js"
};
BYTES(overview_reading_js) {
#embed "page/overview-reading.js"
};
BYTES(overview_tiles_js) {
#embed "page/overview-tiles.js"
};
BYTES(overview_css) {
#embed "page/overview.css"
};
BYTES(overview_js) {
#embed "page/overview.js"
};
BYTES(plot_readout_js) {
#embed "page/plot-readout.js"
};
BYTES(plot_js) {
#embed "page/plot.js"
};
BYTES(query_completion_js) {
#embed "page/query-completion.js"
};
BYTES(query_explanation_js) {
#embed "page/query-explanation.js"
};
BYTES(query_results_js) {
#embed "page/query-results.js"
};
BYTES(refreshing_js) {
#embed "page/refreshing.js"
};
BYTES(series_names_js) {
#embed "page/series-names.js"
};
BYTES(service_edges_js) {
#embed "page/service-edges.js"
};
BYTES(service_parts_js) {
#embed "page/service-parts.js"
};
BYTES(signal_plots_js) {
#embed "page/signal-plots.js"
};
BYTES(signal_words_js) {
#embed "page/signal-words.js"
};
BYTES(span_details_js) {
#embed "page/span-details.js"
};
BYTES(sparkline_js) {
#embed "page/sparkline.js"
};
BYTES(status_js) {
#embed "page/status.js"
};
BYTES(style_css) {
#embed "page/style.css"
};
BYTES(table_js) {
#embed "page/table.js"
};
BYTES(theme_js) {
#embed "page/theme.js"
};
BYTES(trace_list_js) {
#embed "page/trace-list.js"
};
BYTES(trace_model_js) {
#embed "page/trace-model.js"
};
BYTES(trace_search_js) {
#embed "page/trace-search.js"
};
BYTES(trace_waits_js) {
#embed "page/trace-waits.js"
};
BYTES(view_alerts_js) {
#embed "page/view-alerts.js"
};
BYTES(view_control_plane_js) {
#embed "page/view-control-plane.js"
};
BYTES(view_query_js) {
#embed "page/view-query.js"
};
BYTES(view_service_js) {
#embed "page/view-service.js"
};
BYTES(view_services_js) {
#embed "page/view-services.js"
};
BYTES(view_trace_js) {
#embed "page/view-trace.js"
};
BYTES(view_traces_js) {
#embed "page/view-traces.js"
};
BYTES(views_css) {
#embed "page/views.css"
};
BYTES(views_js) {
#embed "page/views.js"
};
BYTES(waterfall_js) {
#embed "page/waterfall.js"
};
BYTES(d3_js) {
#embed "/usr/share/nodejs/d3/dist/d3.min.js"
};
BYTES(dagre_js) {
#embed "/usr/share/nodejs/dagre/dist/dagre.min.js"
};

#define HTML "text/html; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define PICTURE "image/svg+xml"

#define FILE(path, media_type, bytes) {path, media_type, bytes, sizeof bytes}

static const struct dashboard_file files[] = {
    FILE("/", HTML, index_html),
    FILE("/page/address.js", SCRIPT, address_js),
    FILE("/page/alert-facts.js", SCRIPT, alert_facts_js),
    FILE("/page/alert-list.js", SCRIPT, alert_list_js),
    FILE("/page/api.js", SCRIPT, api_js),
    FILE("/page/app.js", SCRIPT, app_js),
    FILE("/page/certificate-list.js", SCRIPT, certificate_list_js),
    FILE("/page/cluster-tones.js", SCRIPT, cluster_tones_js),
    FILE("/page/control-plane-facts.js", SCRIPT, control_plane_facts_js),
    FILE("/page/control-plane-history.js", SCRIPT, control_plane_history_js),
    FILE("/page/control-plane-issues.js", SCRIPT, control_plane_issues_js),
    FILE("/page/control-plane-list.js", SCRIPT, control_plane_list_js),
    FILE("/page/control-plane-tiles.js", SCRIPT, control_plane_tiles_js),
    FILE("/page/control-plane.css", STYLE, control_plane_css),
    FILE("/page/controls.js", SCRIPT, controls_js),
    FILE("/page/coverage.js", SCRIPT, coverage_js),
    FILE("/page/dom.js", SCRIPT, dom_js),
    FILE("/page/fleet.js", SCRIPT, fleet_js),
    FILE("/page/format.js", SCRIPT, format_js),
    FILE("/page/jump.js", SCRIPT, jump_js),
    FILE("/page/keeping-place.js", SCRIPT, keeping_place_js),
    FILE("/page/layout-worker.js", SCRIPT, layout_worker_js),
    FILE("/page/libraries.js", SCRIPT, libraries_js),
    FILE("/page/links.js", SCRIPT, links_js),
    FILE("/page/map-collapsing.js", SCRIPT, map_collapsing_js),
    FILE("/page/map-details.js", SCRIPT, map_details_js),
    FILE("/page/map-drawing.js", SCRIPT, map_drawing_js),
    FILE("/page/map-geometry.js", SCRIPT, map_geometry_js),
    FILE("/page/map-labels.js", SCRIPT, map_labels_js),
    FILE("/page/map-layout.js", SCRIPT, map_layout_js),
    FILE("/page/map-legend.js", SCRIPT, map_legend_js),
    FILE("/page/map-nodes.js", SCRIPT, map_nodes_js),
    FILE("/page/map-path.js", SCRIPT, map_path_js),
    FILE("/page/map-reading.js", SCRIPT, map_reading_js),
    FILE("/page/map-table.js", SCRIPT, map_table_js),
    FILE("/page/map-toolbar.js", SCRIPT, map_toolbar_js),
    FILE("/page/map.css", STYLE, map_css),
    FILE("/page/map.js", SCRIPT, map_js),
    FILE("/page/overview-clusters.js", SCRIPT, overview_clusters_js),
    FILE("/page/overview-lists.js", SCRIPT, overview_lists_js),
    FILE("/page/overview-reading.js", SCRIPT, overview_reading_js),
    FILE("/page/overview-tiles.js", SCRIPT, overview_tiles_js),
    FILE("/page/overview.css", STYLE, overview_css),
    FILE("/page/overview.js", SCRIPT, overview_js),
    FILE("/page/plot-readout.js", SCRIPT, plot_readout_js),
    FILE("/page/plot.js", SCRIPT, plot_js),
    FILE("/page/query-completion.js", SCRIPT, query_completion_js),
    FILE("/page/query-explanation.js", SCRIPT, query_explanation_js),
    FILE("/page/query-results.js", SCRIPT, query_results_js),
    FILE("/page/refreshing.js", SCRIPT, refreshing_js),
    FILE("/page/series-names.js", SCRIPT, series_names_js),
    FILE("/page/service-edges.js", SCRIPT, service_edges_js),
    FILE("/page/service-parts.js", SCRIPT, service_parts_js),
    FILE("/page/signal-plots.js", SCRIPT, signal_plots_js),
    FILE("/page/signal-words.js", SCRIPT, signal_words_js),
    FILE("/page/span-details.js", SCRIPT, span_details_js),
    FILE("/page/sparkline.js", SCRIPT, sparkline_js),
    FILE("/page/status.js", SCRIPT, status_js),
    FILE("/page/style.css", STYLE, style_css),
    FILE("/page/table.js", SCRIPT, table_js),
    FILE("/page/theme.js", SCRIPT, theme_js),
    FILE("/page/trace-list.js", SCRIPT, trace_list_js),
    FILE("/page/trace-model.js", SCRIPT, trace_model_js),
    FILE("/page/trace-search.js", SCRIPT, trace_search_js),
    FILE("/page/trace-waits.js", SCRIPT, trace_waits_js),
    FILE("/page/view-alerts.js", SCRIPT, view_alerts_js),
    FILE("/page/view-control-plane.js", SCRIPT, view_control_plane_js),
    FILE("/page/view-query.js", SCRIPT, view_query_js),
    FILE("/page/view-service.js", SCRIPT, view_service_js),
    FILE("/page/view-services.js", SCRIPT, view_services_js),
    FILE("/page/view-trace.js", SCRIPT, view_trace_js),
    FILE("/page/view-traces.js", SCRIPT, view_traces_js),
    FILE("/page/views.css", STYLE, views_css),
    FILE("/page/views.js", SCRIPT, views_js),
    FILE("/page/waterfall.js", SCRIPT, waterfall_js),
    FILE("/page/d3.js", SCRIPT, d3_js),
    FILE("/page/dagre.js", SCRIPT, dagre_js),
};

const struct dashboard_file *dashboard_files(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
