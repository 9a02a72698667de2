import TestSupport
import Testing

/// A view of the page: its address, and what is there when it shows data.
struct DashboardView: Sendable, CustomTestStringConvertible {
    var name: String
    /// What stands behind `#/`.
    var address: String
    /// JavaScript that is true once the view is drawn, with data of all clusters.
    var isDrawn: String

    var testDescription: String { name }

    static let all = [
        DashboardView(
            name: "overview", address: "",
            isDrawn: """
                document.querySelectorAll('.cluster-card').length === 3
                && document.querySelectorAll('.cluster-card .sparkline path').length >= 3
                && document.querySelectorAll('.overview-lists tbody tr').length > 5
                && document.querySelector('.tiles')?.innerText.match(/[1-9]/)
                """),
        DashboardView(
            name: "map", address: "map",
            isDrawn: """
                document.querySelectorAll('.map-picture g.node').length > 10
                && document.querySelectorAll('.map-picture g.edge').length > 10
                && document.querySelectorAll('.map-picture g.box').length >= 3
                """),
        DashboardView(
            name: "services", address: "services",
            isDrawn: """
                document.querySelectorAll('tr[data-key]').length > 8
                && document.querySelectorAll('[data-cell=requestRate][data-missing=false]')
                    .length > 8
                """),
        DashboardView(
            name: "service", address: "service?name=shop/checkout",
            isDrawn: """
                document.querySelectorAll('[data-plot] path').length > 3
                && document.querySelectorAll('[data-section=incoming] tbody tr').length > 0
                && document.querySelectorAll('[data-section=outgoing] tbody tr').length > 0
                && document.querySelectorAll('[data-section=clusters] tbody tr').length > 1
                """),
        DashboardView(
            name: "edge", address: "service?source=shop/frontend&destination=shop/checkout",
            isDrawn: "document.querySelectorAll('[data-plot] path').length > 2"),
        DashboardView(
            name: "traces", address: "traces?service=frontend",
            isDrawn: "document.querySelectorAll('[data-trace]').length > 3"),
        DashboardView(
            name: "waits", address: "traces?service=frontend&tab=critical-path",
            isDrawn: "document.querySelectorAll('[data-waits] tbody tr').length > 3"),
        DashboardView(
            name: "alerts", address: "alerts",
            isDrawn: "document.querySelector('[data-alert=Watchdog][data-state=firing]')"),
        DashboardView(
            name: "rules", address: "alerts?tab=rules",
            isDrawn: "document.querySelectorAll('[data-rule]').length > 10"),
        DashboardView(
            name: "control-plane", address: "control-plane",
            isDrawn: """
                document.querySelectorAll('.plane[data-cluster]').length === 3
                && document.querySelectorAll('.component[data-state]').length > 6
                && document.querySelector('[data-tile=fleet] .badge')
                && document.querySelector('[data-section=proxies]')
                """),
        DashboardView(
            name: "issues", address: "control-plane?tab=issues",
            isDrawn: "document.querySelector('[data-issue], .nothing')"),
        DashboardView(
            name: "certificates", address: "control-plane?tab=certificates",
            isDrawn: """
                document.querySelectorAll('[data-certificates=workloads] [data-cell=expires]')
                    .length > 5
                """),
        DashboardView(
            name: "query-table", address: "query?expr=\(query)",
            isDrawn: "document.querySelectorAll('[data-cell=value]').length === 3"),
        DashboardView(
            name: "query-plot", address: "query?expr=\(query)&tab=plot",
            isDrawn: "document.querySelectorAll('[data-plot] path').length >= 3"),
        DashboardView(
            name: "query-explain", address: "query?expr=\(query)&tab=explain",
            isDrawn: "document.querySelectorAll('[data-fragment] [data-cell=outcome]').length >= 3"
        ),
    ]

    /// `sum by (cluster) (rate(istio_requests_total[5m]))`.
    private static let query =
        "sum%20by%20(cluster)%20(rate(istio_requests_total%5B5m%5D))"
}
