import ControlPlane
import Federation
import HTTPAPI
import Logging
import MeshHealth
import Metrics
import Observations
import ServiceLifecycle
import Upstream

/// What watches control planes and certificates, put together as the configuration says.
struct ControlPlaneParts: Sendable {
    private let watch: ControlPlaneWatch
    private let isOn: Bool

    init(
        _ settings: ControlPlaneSettings, fleet: Fleet, upstream: UpstreamClient,
        query: @escaping ControlPlaneWatch.Query, observations: ObservationStore,
        metrics factory: any MetricsFactory, logger: Logger
    ) {
        isOn = settings.isOn
        watch = ControlPlaneWatch(
            fleet: fleet, upstream: upstream, query: query, observations: observations,
            settings: settings, metrics: ControlPlaneMetrics(factory: factory),
            clock: ControlPlaneClock(now: WallClock.now), logger: logger)
    }

    var answering: ControlPlaneAnswering {
        ControlPlaneAnswering { [watch] in await watch.report() }
    }

    /// What the last look observed, as series.
    func series() async -> [HealthSeries.Sample] { await watch.report().series }

    /// What runs beside the answers.
    var services: [any ServiceLifecycle.Service] { isOn ? [watch] : [] }
}
